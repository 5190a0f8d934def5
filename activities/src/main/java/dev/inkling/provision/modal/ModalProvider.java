package dev.inkling.provision.modal;

import dev.inkling.artifact.Versions;
import dev.inkling.provision.Attempt;
import dev.inkling.provision.Behind;
import dev.inkling.provision.InfraFile;
import dev.inkling.provision.Node;
import dev.inkling.provision.Provider;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool;
import dev.inkling.provision.Tool.Ended;
import dev.inkling.provision.Tool.TimedOutException;
import dev.inkling.spec.Compute;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Workers as functions of Modal. An app that is there is adopted; where there are two of a
 * generation, the older one. The protocol, and what a crash between any two of its steps leaves,
 * stands in {@code docs/design/clusters-sky.md}.
 */
public final class ModalProvider implements Provider {
  static final String NAME = "modal";

  /** So many looks until what was begun or stopped has to show in the list. */
  private static final int PATIENCE = 24;

  /** A run that was cut off may show only after Modal has begun with it. */
  private static final int QUIET_LOOKS = 4;

  /** How long somebody who wants to stop is held while we clean up behind him. */
  private static final Duration CLEANING = Duration.ofMinutes(3);

  private final ModalCli modal;
  private final Node node;
  private final Path directory;
  private final Clock clock;
  private final Duration poll;
  private final int patience;

  /**
   * A provider that calls {@code modal}.
   *
   * @param directory where the page for Modal is written; ours alone
   * @param clock from which a machine's end is reckoned where Modal does not tell its beginning
   * @param poll how long to wait between two looks
   */
  public ModalProvider(Tool tool, Node node, Path directory, Clock clock, Duration poll) {
    this(new ModalCli(tool, ModalCli.Limits.USUAL), node, directory, clock, poll, PATIENCE);
  }

  ModalProvider(
      ModalCli modal, Node node, Path directory, Clock clock, Duration poll, int patience) {
    this.modal = modal;
    this.node = node;
    this.directory = directory;
    this.clock = clock;
    this.poll = poll;
    this.patience = patience;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Cluster ensure(ClusterRequest request, Attempt progress)
      throws ProvisionException, InterruptedException {
    Compute.Modal compute = compute(request);
    node.checkShared();
    Optional<Cluster> there = adopt(request, progress);
    if (there.isPresent()) {
      return there.get();
    }
    if (compute.maxUsd().isPresent()) {
      throw new ProvisionException(
          Reason.QUOTA,
          "Modal's command line tells no prices, so the machine cannot be held to maxUsd. Nothing"
              + " was started. Leave maxUsd out and limit maxHours.");
    }
    run(request, compute, progress);
    for (int look = 0; look < patience; look++) {
      Optional<Cluster> begun = adopt(request, progress);
      if (begun.isPresent()) {
        return begun.get();
      }
      Thread.sleep(poll);
    }
    return ended(request, Optional.empty(), "Modal began with it and does not list it.");
  }

  private static Cluster ended(ClusterRequest request, Optional<Instant> since, String detail) {
    return Cluster.ended(request, NAME, since, Optional.empty(), detail);
  }

  /** The app of the generation, also one that has ended; others of the name are stopped. */
  private Optional<Cluster> adopt(ClusterRequest request, Consumer<String> progress)
      throws ProvisionException, InterruptedException {
    List<ModalApp> all = of(request.name());
    List<ModalApp> apps = all.stream().filter(ModalApp::lives).toList();
    Optional<ModalApp> later =
        apps.stream().filter(app -> app.generation() > request.generation()).findFirst();
    if (later.isPresent()) {
      throw ProvisionException.superseded(request, later.get().generation());
    }
    Optional<ModalApp> own = own(apps, request);
    for (ModalApp app : apps) {
      if (own.filter(app::equals).isEmpty()) {
        progress.accept("Stopping %s of generation %d.".formatted(app.id(), app.generation()));
        modal.stop(app.id());
      }
    }
    return own.map(app -> known(app, request))
        .or(
            () ->
                own(all, request)
                    .map(
                        app ->
                            ended(
                                request,
                                app.created(),
                                "Its app has ended. Look at: modal app logs " + app.id())));
  }

  private void run(ClusterRequest request, Compute.Modal compute, Attempt progress)
      throws ProvisionException, InterruptedException {
    try {
      progress.accept("Asking Modal for " + compute.accelerators() + ".");
      Ended ended =
          modal.run(
              page(),
              settings(request, compute),
              String.join(" ", Node.arguments(request)),
              compute.gpus(),
              progress);
      if (ended.code() != 0) {
        stopAll(request.name(), request.generation());
        throw ModalFailure.of(
            ended, "Modal could not start " + request.queue(), "Nothing was left running.");
      }
    } catch (TimedOutException e) {
      throw new ProvisionException(Reason.UNAVAILABLE, e.getMessage() + ". " + cleaned(request));
    } catch (InterruptedException | RuntimeException e) {
      if (progress.replaced()) {
        throw e;
      }
      e.addSuppressed(new ProvisionException(Reason.UNAVAILABLE, cleaned(request)));
      throw e;
    }
  }

  /** Cleans up behind a run that was cut off, and tells what is left. */
  private String cleaned(ClusterRequest request) {
    try {
      Behind.clean(
          CLEANING,
          () -> {
            for (int quiet = 0; quiet < QUIET_LOOKS; quiet++) {
              stopAll(request.name(), request.generation());
              Thread.sleep(poll);
            }
          });
      return "Nothing was left running.";
    } catch (ProvisionException e) {
      return "%s may run all the same, and ends by itself when it is idle (%s). Look at: modal app list"
          .formatted(request.name(), e.getMessage());
    }
  }

  @Override
  public Cluster describe(ClusterRequest request) throws ProvisionException, InterruptedException {
    List<ModalApp> apps = living(request.name());
    return own(apps, request)
        .map(app -> known(app, request))
        .or(() -> apps.stream().findFirst().map(ModalApp::cluster))
        .orElseGet(
            () -> Cluster.gone(request, NAME, "Modal lists no app " + request.queue() + "."));
  }

  @Override
  public void release(String name, int newest, Consumer<String> progress)
      throws ProvisionException, InterruptedException {
    for (int look = 0; look < patience; look++) {
      if (stopAll(name, newest) == 0) {
        return;
      }
      Thread.sleep(poll);
    }
    throw new ProvisionException(
        Reason.UNAVAILABLE,
        "%s is still there although Modal was told again and again to stop it, and may cost. Look at: modal app list"
            .formatted(name));
  }

  @Override
  public List<Cluster> list() throws ProvisionException, InterruptedException {
    return modal.apps().stream().filter(ModalApp::lives).map(ModalApp::cluster).toList();
  }

  @Override
  public String render(ClusterRequest request) throws ProvisionException {
    Compute.Modal compute = compute(request);
    StringBuilder text = new StringBuilder();
    settings(request, compute)
        .forEach((name, value) -> text.append("# %s=%s\n".formatted(name, value)));
    text.append(
        "# modal run --detach worker.py --arguments '%s' --gpus %d\n\n"
            .formatted(String.join(" ", Node.arguments(request)), compute.gpus()));
    return text.append(InfraFile.MODAL_APP.text()).toString();
  }

  private int stopAll(String name, int newest) throws ProvisionException, InterruptedException {
    List<ModalApp> apps = living(name).stream().filter(app -> app.generation() <= newest).toList();
    for (ModalApp app : apps) {
      modal.stop(app.id());
    }
    return apps.size();
  }

  private List<ModalApp> living(String name) throws ProvisionException, InterruptedException {
    return of(name).stream().filter(ModalApp::lives).toList();
  }

  private List<ModalApp> of(String name) throws ProvisionException, InterruptedException {
    return modal.apps().stream().filter(app -> app.name().equals(name)).toList();
  }

  private static Optional<ModalApp> own(List<ModalApp> apps, ClusterRequest request) {
    return apps.stream()
        .filter(app -> app.generation() == request.generation())
        .min(
            Comparator.comparing((ModalApp app) -> app.created().orElse(Instant.MAX))
                .thenComparing(ModalApp::id));
  }

  /** With what the request knows of it. */
  private Cluster known(ModalApp app, ClusterRequest request) {
    Cluster bare = app.cluster();
    return new Cluster(
        bare.name(),
        request.experiment(),
        bare.owner(),
        bare.generation(),
        bare.state(),
        bare.provider(),
        bare.where(),
        ((Compute.Modal) request.compute()).accelerators(),
        bare.since(),
        Optional.of(bare.since().orElseGet(clock::instant).plus(request.compute().lifetime())),
        bare.usdPerHour(),
        bare.detail());
  }

  private Map<String, String> settings(ClusterRequest request, Compute.Modal compute)
      throws ProvisionException {
    Map<String, String> settings = new TreeMap<>();
    settings.put("INKLING_APP", request.queue());
    settings.put("INKLING_ARCHIVE_HERE", node.archive().toString());
    node.libraries()
        .ifPresent(libraries -> settings.put("INKLING_LIBRARIES_HERE", libraries.toString()));
    settings.put("INKLING_GPU", compute.accelerators());
    settings.put("INKLING_TORCH", Versions.all().get("torch"));
    settings.put("INKLING_SECONDS", Long.toString(Math.max(1, compute.lifetime().toSeconds())));
    settings.put("INKLING_SECRET", compute.secret());
    return settings;
  }

  /** The page as a file, and beside it the script that it sends along: Modal reads nothing else. */
  private Path page() throws ProvisionException {
    try {
      InfraFile.GPU_LIBRARIES.copyTo(directory);
      return InfraFile.MODAL_APP.copyTo(directory);
    } catch (IOException e) {
      throw new ProvisionException(
          Reason.UNAVAILABLE,
          "%s cannot be written (%s). Nothing was started. Make room there."
              .formatted(directory, e.getMessage()));
    }
  }

  private static Compute.Modal compute(ClusterRequest request) throws ProvisionException {
    if (request.compute() instanceof Compute.Modal compute) {
      return compute;
    }
    throw new ProvisionException(
        Reason.BAD_REQUEST, "The spec's compute is not of type modal. Nothing was started.");
  }
}
