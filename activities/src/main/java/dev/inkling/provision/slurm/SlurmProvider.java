package dev.inkling.provision.slurm;

import dev.inkling.provision.Attempt;
import dev.inkling.provision.Certificates;
import dev.inkling.provision.Provider;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool.TimedOutException;
import dev.inkling.provision.slurm.SlurmJob.Phase;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.Cluster.State;
import dev.inkling.workflow.ClusterRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Clusters that are jobs of Slurm. Slurm's own list of jobs is the only memory: a job is found by
 * its name, its comment says of which generation it is, and it never runs beside another one of its
 * name (a dependency that Slurm calls singleton). Its time limit ends it when nobody else does.
 */
public final class SlurmProvider implements Provider {
  static final String NAME = "slurm";

  /** Slurm gives a cancelled job 30 s to end, and sites raise that to a few minutes. */
  private static final Duration ENDING = Duration.ofMinutes(5);

  /** The list of jobs is a burden on a busy controller. */
  private static final Duration LOOK = Duration.ofSeconds(2);

  /** A job that runs before one that waits, then the older one. */
  private static final Comparator<SlurmJob> FURTHEST =
      Comparator.comparing((SlurmJob job) -> job.phase() == Phase.RUNS ? 0 : 1)
          .thenComparing(SlurmJob::id);

  private final SlurmCommands commands;
  private final ClusterFiles files;
  private final NodeWorker worker;
  private final Duration look;

  /**
   * A provider.
   *
   * @param home INKLING_HOME, on the file system that the nodes share with this machine
   * @param worker what a job starts for each of its GPUs; the request's arguments follow
   */
  public SlurmProvider(SlurmCommands commands, Path home, NodeWorker worker) {
    this(commands, home, worker, LOOK);
  }

  SlurmProvider(SlurmCommands commands, Path home, NodeWorker worker, Duration look) {
    this.commands = commands;
    this.files = new ClusterFiles(home.toAbsolutePath());
    this.worker = worker;
    this.look = look;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Cluster ensure(ClusterRequest request, Attempt progress)
      throws ProvisionException, InterruptedException {
    Submission submission = submission(request);
    List<SlurmJob> there = named(request.name());
    Optional<SlurmJob> later =
        there.stream()
            .filter(job -> job.lives() && job.generation() > request.generation())
            .findFirst();
    if (later.isPresent()) {
      throw ProvisionException.superseded(request, later.get().generation());
    }
    Optional<Cluster> adopted = adopt(request, there, progress);
    if (adopted.isPresent()) {
      return adopted.get();
    }
    Optional<Cluster> ended = ended(request, there);
    if (ended.isPresent()) {
      return ended.get();
    }
    // One whose node does not get clear of it holds up nobody: its queue gets no stages.
    end(request.name(), job -> job.lives() && job.generation() != request.generation(), progress);
    files.write(
        request.name(),
        request.generation(),
        ShellText.exports(Certificates.inPlaceOfFiles(worker.environment())),
        submission.script());
    submit(submission, progress);
    return adopt(request, named(request.name()), progress).orElseGet(submission::submitted);
  }

  /** The generation's job, if it has one; should it have two, the second one is cancelled. */
  private Optional<Cluster> adopt(
      ClusterRequest request, List<SlurmJob> there, Consumer<String> progress)
      throws ProvisionException, InterruptedException {
    List<SlurmJob> same =
        there.stream()
            .filter(job -> job.lives() && job.generation() == request.generation())
            .sorted(FURTHEST)
            .toList();
    if (same.isEmpty()) {
      return Optional.empty();
    }
    if (same.size() > 1) {
      progress.accept("Slurm had the job twice; the second one is cancelled");
      commands.cancel(same.subList(1, same.size()));
    }
    SlurmJob first = same.getFirst();
    if (first.neverBegins()) {
      commands.cancel(List.of(first));
      throw SlurmFailure.never(first);
    }
    return Optional.of(cluster(first));
  }

  private void submit(Submission submission, Attempt attempt)
      throws ProvisionException, InterruptedException {
    String name = submission.request().name();
    try {
      commands.submit(submission.arguments(), number -> attempt.accept("sbatch: " + number));
    } catch (ProvisionException e) {
      // Of an answer that did not come in time sbatch says that it failed: the job may be there.
      if (e.reason() != Reason.UNAVAILABLE) {
        files.remove(name, submission.request().generation());
      }
      throw e;
    } catch (TimedOutException e) {
      if (named(name).stream().noneMatch(SlurmJob::lives)) {
        throw new ProvisionException(
            Reason.UNAVAILABLE,
            "%s. Slurm knows of no job %s so far; should one appear, the next try adopts it."
                .formatted(e.getMessage(), name));
      }
    } catch (InterruptedException e) {
      if (!attempt.replaced()) {
        withdraw(submission.request(), e);
      }
      throw e;
    }
  }

  /** Nobody waits for the job any more, and Slurm may have taken it. */
  private void withdraw(ClusterRequest request, InterruptedException why)
      throws InterruptedException {
    try {
      List<SlurmJob> taken =
          named(request.name()).stream()
              .filter(job -> job.lives() && job.generation() == request.generation())
              .toList();
      if (!taken.isEmpty()) {
        commands.cancel(taken);
      }
      files.remove(request.name(), request.generation());
    } catch (ProvisionException e) {
      why.addSuppressed(e);
    }
  }

  @Override
  public Cluster describe(ClusterRequest request) throws ProvisionException, InterruptedException {
    List<SlurmJob> there = named(request.name());
    Optional<SlurmJob> lives =
        there.stream()
            .filter(SlurmJob::lives)
            .min(
                Comparator.comparing(
                        (SlurmJob job) -> job.generation() == request.generation() ? 0 : 1)
                    .thenComparing(FURTHEST));
    if (lives.isPresent()) {
      return cluster(lives.get());
    }
    return ended(request, there)
        .orElseGet(() -> Cluster.gone(request, NAME, "Slurm knows of no such job"));
  }

  /** The generation's job that is over, as long as Slurm lists it: minutes. */
  private Optional<Cluster> ended(ClusterRequest request, List<SlurmJob> there) {
    return there.stream()
        .filter(job -> job.generation() == request.generation() && !job.lives())
        .max(Comparator.comparing(SlurmJob::id))
        .map(
            job ->
                Cluster.ended(
                    request,
                    NAME,
                    job.start(),
                    Optional.empty(),
                    "job %d %s: %s; %s"
                        .formatted(
                            job.id(),
                            job.phase() == Phase.ENDS ? "ends" : "ended",
                            job.state(),
                            files.log(request.name(), request.generation()))));
  }

  @Override
  public void release(String name, int newest, Consumer<String> progress)
      throws ProvisionException, InterruptedException {
    end(name, job -> job.generation() <= newest, progress);
    files.remove(name, newest);
  }

  @Override
  public List<Cluster> list() throws ProvisionException, InterruptedException {
    return commands.jobs().stream()
        .filter(job -> job.lives() && job.labels().isPresent())
        .map(this::cluster)
        .toList();
  }

  @Override
  public String render(ClusterRequest request) throws ProvisionException {
    Submission submission = submission(request);
    return "sbatch "
        + ShellText.words(submission.arguments())
        + "\n\n"
        + submission.script()
        + "\n# "
        + files.environment(request.name(), request.generation())
        + " exports, readable by its owner only: "
        + String.join(", ", Certificates.inPlaceOfFiles(worker.environment()).keySet())
        + "\n";
  }

  private Submission submission(ClusterRequest request) throws ProvisionException {
    return Submission.of(request, files, worker.commandFor(request), commands.user());
  }

  /** Cancels such jobs of a cluster, and returns when none of them has a machine any more. */
  private void end(String name, Predicate<SlurmJob> which, Consumer<String> progress)
      throws ProvisionException, InterruptedException {
    long until = System.nanoTime() + ENDING.toNanos();
    List<SlurmJob> left = left(name, which);
    while (!left.isEmpty()) {
      List<SlurmJob> living = left.stream().filter(SlurmJob::lives).toList();
      if (!living.isEmpty()) {
        commands.cancel(living);
      }
      if (System.nanoTime() > until) {
        throw new ProvisionException(
            Reason.UNAVAILABLE,
            "Slurm has not ended %s within %d min: %s. It was cancelled, and it is looked at again; see: squeue --name=%s"
                .formatted(name, ENDING.toMinutes(), tell(left), name));
      }
      progress.accept("waits until Slurm has ended " + tell(left));
      Thread.sleep(look);
      left = left(name, which);
    }
  }

  private List<SlurmJob> left(String name, Predicate<SlurmJob> which)
      throws ProvisionException, InterruptedException {
    return named(name).stream().filter(job -> job.phase() != Phase.OVER).filter(which).toList();
  }

  private static String tell(List<SlurmJob> jobs) {
    List<String> texts = new ArrayList<>();
    jobs.forEach(job -> texts.add("job %d, %s".formatted(job.id(), job.state())));
    return String.join("; ", texts);
  }

  private List<SlurmJob> named(String name) throws ProvisionException, InterruptedException {
    return commands.jobs().stream().filter(job -> job.name().equals(name)).toList();
  }

  private Cluster cluster(SlurmJob job) {
    boolean waits = job.phase() == Phase.WAITS;
    String expected = job.start().map(start -> ", expected to begin at " + start).orElse("");
    String detail =
        waits
            ? "job %d waits: %s%s".formatted(job.id(), job.state(), expected)
            : "job %d on %s, %s; %s"
                .formatted(
                    job.id(), job.nodes(), job.state(), files.log(job.name(), job.generation()));
    return new Cluster(
        job.name(),
        job.labels().map(Labels::experiment).orElse(""),
        job.labels().map(Labels::owner).orElse(job.user()),
        job.generation(),
        waits ? State.PENDING : State.UP,
        NAME,
        job.partition(),
        job.labels().map(Labels::accelerators).orElse(""),
        job.submitted(),
        waits ? Optional.empty() : job.end(),
        Optional.empty(),
        detail);
  }
}
