package dev.inkling.starter;

import dev.inkling.plan.Plan;
import dev.inkling.provision.Orphans;
import dev.inkling.provision.Provider;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.spec.Compute;
import dev.inkling.worker.Home;
import dev.inkling.worker.KnownExperiments;
import dev.inkling.worker.Machines;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.ClusterRequest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code inkling clusters}: machines that were made for experiments. */
@Command(
    name = "clusters",
    description =
        "Show the machines that were made for experiments: what lives, for whom, since when, what it"
            + " costs, until when.",
    mixinStandardHelpOptions = true)
final class ClustersCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("MM-dd HH:mmXXX", Locale.ROOT).withZone(ZoneId.systemDefault());
  private static final String ROW = "%-38s %-6s %-18s %-9s %-8s %-17s %8s  %-17s %s%n";

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    List<Cluster> all = new ArrayList<>();
    boolean failed = false;
    int tools = 0;
    for (Provider provider : providers(home)) {
      try {
        all.addAll(provider.list());
        tools++;
      } catch (ProvisionException e) {
        if (e.reason() != Reason.NO_TOOL) {
          System.err.println(provider.name() + ": " + e.getMessage());
          failed = true;
        }
      }
    }
    if (tools == 0 && !failed) {
      System.out.println(
          "None of sbatch, sky and modal is installed here, so this machine has made none.");
    } else if (all.isEmpty()) {
      System.out.println(failed ? "No machines otherwise." : "No machines.");
    } else {
      print(all, Instant.now());
    }
    return failed ? Main.FAILED : 0;
  }

  private static void print(List<Cluster> all, Instant now) {
    System.out.printf(ROW, "NAME", "BY", "WHERE", "GPU", "STATE", "SINCE", "COST", "UNTIL", "FOR");
    for (Cluster c : all) {
      System.out.printf(
          ROW,
          c.name(),
          c.provider(),
          c.where(),
          c.accelerators(),
          c.state().name().toLowerCase(Locale.ROOT),
          time(c.since()),
          c.usd(now).map(usd -> String.format(Locale.ROOT, "$%.2f", usd)).orElse("?"),
          c.until().isEmpty() ? "?" : time(c.until()),
          (c.experiment().isEmpty() ? "?" : c.experiment())
              + (c.owner().isEmpty() ? "" : " (" + c.owner() + ")")
              + (c.detail().isEmpty() ? "" : ": " + c.detail()));
    }
  }

  private static String time(Optional<Instant> instant) {
    return instant.map(TIME::format).orElse("");
  }

  @Command(
      name = "render",
      description = "Print what the tool would be handed for a spec; starts nothing.",
      mixinStandardHelpOptions = true)
  int render(
      @Parameters(paramLabel = "SPEC", description = "A preset or a YAML or JSON file.")
          String spec)
      throws Exception {
    Plan plan = SpecSource.of(spec, List.of()).plan();
    if (!(plan.spec().compute() instanceof Compute.Provisioned compute)) {
      throw new UserException(
          Main.BAD_INPUT,
          "compute.type of this spec needs no machine: there is nothing to render. Types that do: slurm, sky, modal");
    }
    ClusterRequest request = new ClusterRequest(plan.id(), plan.id(), 1, compute);
    System.out.println(provider(compute.provider()).render(request));
    return 0;
  }

  @Command(
      name = "down",
      description = "End a machine now. Its experiment, if it runs, makes another one.",
      mixinStandardHelpOptions = true)
  int down(
      @Parameters(paramLabel = "NAME", description = "As ./inkling clusters shows it.") String name)
      throws Exception {
    if (!name.startsWith(ClusterRequest.PREFIX)) {
      throw new UserException(
          Main.BAD_INPUT, "'" + name + "' was not made by Inkling. See: inkling clusters");
    }
    int ended = 0;
    List<String> failed = new ArrayList<>();
    for (Provider provider : providers(Main.home())) {
      try {
        OptionalInt newest =
            provider.list().stream()
                .filter(cluster -> cluster.name().equals(name))
                .mapToInt(Cluster::generation)
                .max();
        if (newest.isPresent()) {
          provider.release(name, newest.getAsInt(), System.err::println);
          System.out.println(name + " is ended.");
          ended++;
        }
      } catch (ProvisionException e) {
        if (e.reason() != Reason.NO_TOOL) {
          failed.add(provider.name() + ": " + e.getMessage());
        }
      }
    }
    if (ended == 0 && !failed.isEmpty()) {
      throw new UserException(Main.FAILED, String.join("\n", failed));
    }
    if (ended == 0) {
      System.out.println("There is no " + name + ".");
    }
    return 0;
  }

  @Command(
      name = "sweep",
      description =
          "End the machines of experiments that are over; workers do it every ten minutes anyway.",
      mixinStandardHelpOptions = true)
  int sweep() throws Exception {
    Home home = Main.home();
    try (Session session = Session.open(home, false, Session::tell, Optional.empty())) {
      List<Provider> providers =
          Machines.providers(home, System.getenv(), session.connection().address());
      List<String> ended =
          new Orphans(providers, new KnownExperiments(session.connection()), Clock.systemUTC())
              .end(System.err::println);
      ended.forEach(name -> System.out.println(name + " belonged to nobody and is ended."));
      if (ended.isEmpty()) {
        System.out.println("Every machine belongs to an experiment that runs.");
      }
      return 0;
    } catch (ProvisionException e) {
      throw new UserException(Main.FAILED, String.valueOf(e.getMessage()));
    }
  }

  private static Provider provider(String name) {
    return providers(Main.home()).stream()
        .filter(provider -> provider.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** What is only looked at needs no Temporal service. */
  private static List<Provider> providers(Home home) {
    return Machines.providers(home, System.getenv(), "127.0.0.1:7233");
  }
}
