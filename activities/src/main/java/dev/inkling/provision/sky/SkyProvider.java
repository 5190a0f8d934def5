package dev.inkling.provision.sky;

import dev.inkling.provision.Attempt;
import dev.inkling.provision.Certificates;
import dev.inkling.provision.Node;
import dev.inkling.provision.Provider;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool;
import dev.inkling.provision.Tool.Ended;
import dev.inkling.spec.Compute;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.ClusterRequest;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Machines by SkyPilot. A launch is made only when nothing bears the name: on a cluster that is
 * there SkyPilot would add a second job. The protocol, and what a crash between any two of its
 * steps leaves, stands in {@code docs/design/clusters-sky.md}.
 */
public final class SkyProvider implements Provider {
  static final String NAME = "sky";

  /**
   * So many looks without a machine or a job and a launch has died: half an hour where a look takes
   * ten seconds, with five between two, in which real clusters come up and copy an archive.
   */
  private static final int PATIENCE = 120;

  private final SkyCli sky;
  private final Node node;
  private final Path directory;
  private final Clock clock;
  private final Duration poll;
  private final int patience;

  /**
   * A provider that calls {@code sky}.
   *
   * @param directory where the files of a launch lie while it lasts; ours alone
   * @param clock from which a machine's end is reckoned
   * @param poll how long to wait between two looks at a launch that somebody else began
   */
  public SkyProvider(Tool tool, Node node, Path directory, Clock clock, Duration poll) {
    this(SkyCli.of(tool, SkyCli.Limits.USUAL), node, directory, clock, poll, PATIENCE);
  }

  SkyProvider(SkyCli sky, Node node, Path directory, Clock clock, Duration poll, int patience) {
    this.sky = sky;
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
  public Cluster ensure(ClusterRequest request, Attempt attempt)
      throws ProvisionException, InterruptedException {
    Compute.Sky compute = compute(request);
    node.checkShared();
    Optional<Cluster> there = adopt(request, attempt);
    if (there.isPresent()) {
      return there.get();
    }
    // What cannot be read is told once, not once for each candidate.
    Map<String, String> _ = Certificates.inPlaceOfFiles(node.environment());
    Candidates tried = new Candidates();
    for (Compute.Candidate candidate : compute.candidates()) {
      try {
        return launch(request, candidate, attempt);
      } catch (ProvisionException e) {
        tried.refused(e);
        attempt.accept(e.getMessage());
      }
    }
    throw tried.all();
  }

  /**
   * What is there already, once it is known to serve the generation; what does not is ended, and
   * told if it is the generation's own.
   */
  private Optional<Cluster> adopt(ClusterRequest request, Consumer<String> progress)
      throws ProvisionException, InterruptedException {
    for (int look = 1; ; look++) {
      Optional<SkyCluster> found = sky.find(request.name());
      if (found.isEmpty()) {
        return Optional.empty();
      }
      SkyCluster cluster = found.get();
      switch (Standing.of(cluster, jobs(cluster), request.generation())) {
        case SERVES -> {
          Draft.forget(
              directory,
              cluster.name(),
              request.generation()); // its job is there, so all has been copied
          return Optional.of(Costing.affordable(cluster, sky, clock.instant(), progress));
        }
        case LATER -> throw ProvisionException.superseded(request, cluster.generation());
        case EARLIER -> {
          progress.accept("%s is of no use any more: ending it.".formatted(cluster.name()));
          sky.down(cluster.name(), progress);
          return Optional.empty();
        }
        case ENDED -> {
          // With the machine its log is gone.
          String said = sky.lastWords(cluster.name());
          return Optional.of(over(request, cluster, "Its worker has ended.\n" + said, progress));
        }
        case COMING -> {
          if (look >= patience) {
            return Optional.of(over(request, cluster, "It did not come up.", progress));
          }
          progress.accept("%s is being launched: waiting for it.".formatted(cluster.name()));
        }
      }
      Thread.sleep(poll);
    }
  }

  /** Takes down a machine of the request's generation that is of no use any more. */
  private Cluster over(
      ClusterRequest request, SkyCluster cluster, String why, Consumer<String> progress)
      throws ProvisionException, InterruptedException {
    progress.accept("Ending %s. %s".formatted(cluster.name(), why));
    sky.down(cluster.name(), progress);
    return Cluster.ended(request, NAME, cluster.launched(), cluster.usdPerHour(), why);
  }

  private Cluster launch(ClusterRequest request, Compute.Candidate candidate, Attempt progress)
      throws ProvisionException, InterruptedException {
    Compute.Sky compute = compute(request);
    Optional<Double> price;
    try (Draft draft = draft(request, candidate, Terms.unpriced(compute, clock.instant()))) {
      price = Considered.usdPerHour(sky.rehearse(draft.file()).output());
    }
    Instant asked = clock.instant();
    Terms terms = Terms.of(compute, candidate, price, asked);
    Draft draft = draft(request, candidate, terms);
    boolean left = false;
    try {
      progress.accept("Asking SkyPilot for " + Candidates.words(candidate) + ".");
      Ended ended = new SkyLaunch(sky, poll).run(request.name(), terms, draft, progress);
      if (ended.code() != 0) {
        ProvisionException failure =
            SkyFailure.of(
                ended,
                "SkyPilot could not launch " + Candidates.words(candidate),
                "Nothing was left running.");
        // A launch that failed on the way up leaves a machine that runs.
        Optional<SkyCluster> up;
        try {
          up = sky.find(request.name());
        } finally {
          sky.down(request.name(), progress);
        }
        if (up.isPresent() && failure.reason() == Reason.UNAVAILABLE) {
          return Cluster.ended(
              request, NAME, up.get().launched(), terms.usdPerHour(), failure.getMessage());
        }
        throw failure;
      }
      Optional<Double> paid = Considered.usdPerHour(ended.output());
      if (paid.isPresent() && !terms.allow(compute.maxUsd(), paid.get())) {
        sky.down(request.name(), progress);
        throw new ProvisionException(
            Reason.NO_CAPACITY,
            "%s was to be had only at $%.2f an hour, more than maxUsd allows for the time it was given. It was taken down. Wait, or raise maxUsd."
                .formatted(Candidates.words(candidate), paid.get()));
      }
    } catch (InterruptedException | RuntimeException e) {
      left = progress.replaced(); // SkyPilot's server reads the files of what another one waits for
      throw e;
    } finally {
      if (!left) {
        draft.close();
      }
    }
    return adopt(request, progress)
        .orElseGet(
            () ->
                Cluster.ended(
                    request,
                    NAME,
                    Optional.of(asked),
                    terms.usdPerHour(),
                    "It was launched and is gone again. Look at: sky status --refresh"));
  }

  @Override
  public Cluster describe(ClusterRequest request) throws ProvisionException, InterruptedException {
    Optional<SkyCluster> found = sky.find(request.name());
    if (found.isEmpty()) {
      return Cluster.gone(request, NAME, "SkyPilot knows of no " + request.name() + ".");
    }
    SkyCluster cluster = found.get();
    return switch (Standing.of(cluster, jobs(cluster), request.generation())) {
      case SERVES -> Costing.affordable(cluster, sky, clock.instant(), line -> {});
      case COMING -> cluster.cluster("It is being launched, or does not answer.");
      case EARLIER, LATER -> cluster.cluster("It is of another generation.");
      case ENDED ->
          Cluster.gone(
              request,
              NAME,
              "Its worker has ended; SkyPilot takes the machine down. Why it ended: sky logs "
                  + cluster.name());
    };
  }

  /** Jobs of a machine that is not up cannot be asked for. */
  private Optional<List<SkyJob>> jobs(SkyCluster cluster)
      throws ProvisionException, InterruptedException {
    return cluster.status() == SkyCluster.Status.UP ? sky.jobs(cluster.name()) : Optional.empty();
  }

  @Override
  public void release(String name, int newest, Consumer<String> progress)
      throws ProvisionException, InterruptedException {
    // Of a machine that is just being made the label cannot always be read.
    int last = newest == 0 ? Integer.MAX_VALUE : newest;
    for (int look = 0; look <= patience; look++) {
      Optional<SkyCluster> there = sky.find(name);
      // A launch that is under way is ended too, though it may not show yet.
      boolean ended = look > 0 && there.isEmpty();
      if (ended || there.filter(one -> one.generation() > last).isPresent()) {
        Draft.forget(directory, name, last);
        return;
      }
      if (look > 0) {
        Thread.sleep(poll);
      }
      sky.down(name, progress);
    }
    throw new ProvisionException(
        Reason.UNAVAILABLE,
        "%s is still there although SkyPilot was told again and again to take it down, and may cost. Type: sky down -y %s"
            .formatted(name, name));
  }

  @Override
  public List<Cluster> list() throws ProvisionException, InterruptedException {
    List<SkyCluster> ours = sky.all().stream().filter(SkyCluster::ours).toList();
    return Costing.of(ours, sky).stream().map(costing -> costing.cluster("")).toList();
  }

  @Override
  public String render(ClusterRequest request) throws ProvisionException {
    Compute.Sky compute = compute(request);
    List<String> pages = new ArrayList<>();
    for (Compute.Candidate candidate : compute.candidates()) {
      Terms terms = Terms.unpriced(compute, clock.instant());
      SkyTask task = new SkyTask(request, candidate, terms, owner());
      pages.add(
          "# %s\n%s"
              .formatted(
                  pages.isEmpty()
                      ? Candidates.words(candidate)
                      : "Without capacity for the one before: " + Candidates.words(candidate),
                  task.render(node, directory.resolve(request.queue()).resolve("environment"))));
    }
    return String.join("---\n", pages);
  }

  private Draft draft(ClusterRequest request, Compute.Candidate candidate, Terms terms)
      throws ProvisionException {
    return Draft.of(directory, new SkyTask(request, candidate, terms, owner()), node);
  }

  private static String owner() {
    return System.getProperty("user.name", "");
  }

  private static Compute.Sky compute(ClusterRequest request) throws ProvisionException {
    if (request.compute() instanceof Compute.Sky compute) {
      return compute;
    }
    throw new ProvisionException(
        Reason.BAD_REQUEST, "The spec's compute is not of type sky. Nothing was launched.");
  }
}
