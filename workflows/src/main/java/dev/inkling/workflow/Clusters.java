package dev.inkling.workflow;

import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.spec.Compute;
import io.temporal.failure.ActivityFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowLock;
import io.temporal.workflow.WorkflowSemaphore;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The machines of one experiment, one after the other: each generation has a task queue of its own,
 * so that one that was given up and lives on gets nothing more to do.
 */
final class Clusters {
  /** A machine that is not looked at for so long may have ended because it was idle. */
  private static final Duration FRESH = Duration.ofSeconds(30);

  /** A machine that hands a stage back is about to end; so long it may still say that it is up. */
  private static final Duration ENDING = Duration.ofSeconds(10);

  /** From the end of a machine's worker to its own, at most: the provider has its own idle time. */
  private static final Duration TAKEN_DOWN = Duration.ofMinutes(7);

  /** One that was not up for so long has brought nothing forward. */
  private static final Duration FRUITFUL = Duration.ofMinutes(10);

  /** A run counts from the seconds since then, so that a later one counts from a larger number. */
  private static final Instant GENERATIONS = Instant.parse("2026-01-01T00:00:00Z");

  /** So many without fruit in a row are no chance. */
  private static final int FRUITLESS = 5;

  private final Board board;
  private final Bill bill = new Bill();
  private final WorkflowLock one = Workflow.newWorkflowLock();
  private String experiment = "";
  private Optional<Compute.Provisioned> compute = Optional.empty();

  /** A stage that waits for a busy worker would look like one whose worker never came. */
  private WorkflowSemaphore turns = Workflow.newWorkflowSemaphore(1);

  private @Nullable Cluster current;
  private Instant up = Instant.EPOCH;
  private Instant looked = Instant.EPOCH;
  private Instant used = Instant.EPOCH;
  private int generation;

  /** The generation whose worker has taken a stage. */
  private int served;

  private int using;
  private int fruitless;
  private final Silences silences = new Silences();

  Clusters(Board board) {
    this.board = board;
  }

  void begin(Plan plan) {
    experiment = plan.id();
    compute =
        plan.spec().compute() instanceof Compute.Provisioned p ? Optional.of(p) : Optional.empty();
    turns =
        Workflow.newWorkflowSemaphore(
            Math.max(1, compute.map(Compute.Provisioned::gpus).orElse(1)));
  }

  /** Does a stage where the spec wants it done. */
  StageResult perform(Compute where, StageRequest request) {
    Stage stage = request.stage();
    if (!stage.computes()) {
      return Calls.stage(request);
    }
    return switch (where) {
      case Compute.Local _ -> Calls.stage(request);
      case Compute.Queue queue -> Calls.stageOn(queue.name(), request);
      case Compute.Provisioned _ -> inTurn(request);
    };
  }

  private StageResult inTurn(StageRequest request) {
    // A pause or a cancellation is told by the stage's own activity, so the wait does not end by
    // it.
    Workflow.newDetachedCancellationScope(turns::acquire).run();
    try {
      return onMachine(request);
    } finally {
      bill.served();
      turns.release();
    }
  }

  private StageResult onMachine(StageRequest request) {
    while (true) {
      Cluster cluster = there();
      Instant sent = now();
      using++;
      try {
        StageResult result =
            Calls.stageOnMachine(
                ClusterRequest.queueOf(Workflow.getInfo().getWorkflowId(), cluster.generation()),
                request,
                served == cluster.generation());
        served = cluster.generation();
        silences.end();
        fruitless = 0;
        looked = now();
        return result;
      } catch (ActivityFailure e) {
        if (!Silences.mayBe(e)) {
          throw e;
        }
        look(cluster, sent, e);
      } finally {
        using--;
        used = now();
      }
    }
  }

  /** A machine that is up; one is made if there is none. */
  private Cluster there() {
    one.lock();
    try {
      Cluster known = current;
      if (known != null && (using > 0 || now().isBefore(looked.plus(FRESH)))) {
        return known;
      }
      if (known != null && ours(described())) {
        looked = now();
        return known;
      }
      if (known != null) {
        gone(known);
      }
      if (generation == 0) {
        generation = first();
      }
      return made();
    } finally {
      one.unlock();
    }
  }

  /** Whether a machine of this generation is there. */
  private boolean ours(Cluster there) {
    return there.lives() && there.generation() == generation;
  }

  private Cluster described() {
    Cluster there =
        Calls.describe(request(), why -> board.machine(words("cannot be looked at: " + why)));
    if (ours(there)) {
      current = there; // its price may be another by now
    }
    return there;
  }

  /**
   * The generation to begin with: that of a machine which a terminated run has left, or one behind
   * all of earlier runs, of which some machine may live on unseen and still poll its queue.
   */
  private int first() {
    generation = (int) Duration.between(GENERATIONS, now()).toSeconds();
    int there = Calls.cluster().describe(request()).generation();
    return there > 0 ? there : generation;
  }

  /** The next machine whose worker does not end before it takes a stage. */
  private Cluster made() {
    while (true) {
      Instant wanted = now();
      board.machine(words("is being made"));
      Cluster cluster;
      try {
        cluster = Calls.ensure(request());
      } catch (ActivityFailure e) {
        throw Calls.noMachine(e, provisioned(), bill.usd());
      }
      up = now();
      looked = up;
      used = up;
      bill.up(wanted, up);
      if (cluster.lives()) {
        current = cluster;
        board.machine(words("is up" + cluster.until().map(u -> ", until " + u).orElse("")));
        return cluster;
      }
      lost(cluster, true, cluster.detail());
    }
  }

  /** After a stage fell silent: is the machine there, and is its worker? */
  private void look(Cluster cluster, Instant sent, ActivityFailure e) {
    Instant noticed = now();
    if (Failures.WORKER_LOST.is(e.getCause())) {
      Workflow.sleep(ENDING);
    }
    one.lock();
    try {
      if (current == null || cluster.generation() != generation) {
        return;
      }
      bill.silent(noticed);
      served = Silences.unserved(e) ? served : generation;
      Cluster there = described();
      looked = now();
      silences.count(sent, !Silences.unserved(e), looked);
      if (ours(there) && !silences.again()) {
        return;
      }
      if (ours(there)) {
        // It lives and does nothing for us: given up, and ended before the next one is made.
        Calls.release(request());
      }
      lost(current, Silences.unserved(e), Calls.told(e) + "; " + there.detail());
    } finally {
      one.unlock();
    }
  }

  /**
   * A machine was lost while it was needed, and is counted.
   *
   * @param unserved whether its worker never took the last stage, however long it was there
   */
  private void lost(Cluster cluster, boolean unserved, String why) {
    bill.lost();
    fruitless = unserved || now().isBefore(up.plus(FRUITFUL)) ? fruitless + 1 : 0;
    board.machine(words("was lost"));
    gone(cluster);
    if (fruitless >= FRUITLESS) {
      throw Failures.CLUSTER_LOST.of(
          "%d machines in a row were lost within %d minutes, or their workers never came: %s. Everything done so far is kept. Look at the worker's log on the machine, or choose another one in compute, and run the same command again."
              .formatted(FRUITLESS, FRUITFUL.toMinutes(), why));
    }
  }

  /** What was there is there no more; the next one is another generation. */
  private void gone(Cluster cluster) {
    Instant idle = using > 0 ? now() : used.plus(provisioned().idle()).plus(TAKEN_DOWN);
    Instant end =
        Stream.of(now(), idle, cluster.until().orElse(Instant.MAX))
            .min(Comparator.naturalOrder())
            .orElseThrow();
    bill.gone(cluster, end);
    current = null;
    silences.end();
    generation++;
  }

  /** Ends the machine, whatever has happened; the other guards end it where this cannot. */
  void release() {
    if (generation == 0) {
      return;
    }
    CancellationScope detached =
        Workflow.newDetachedCancellationScope(
            () -> {
              String end = "is given back";
              try {
                Calls.release(request());
              } catch (ActivityFailure e) {
                end = "could not be given back: " + Calls.told(e);
              }
              if (current != null) {
                bill.gone(current, now());
              }
              board.machine(
                  words(end, use().map(use -> ". Machines: " + use.sentence()).orElse("")));
            });
    detached.run();
    current = null;
    generation++;
  }

  /** What machines have taken, all in all; empty if there was none. */
  Optional<MachineUse> use() {
    return bill.total();
  }

  private ClusterRequest request() {
    Compute.Provisioned wanted = provisioned();
    return new ClusterRequest(
        experiment,
        Workflow.getInfo().getWorkflowId(),
        generation,
        wanted.maxUsd().isEmpty() ? wanted : wanted.withUsd(wanted.maxUsd().get() - bill.usd()));
  }

  private Compute.Provisioned provisioned() {
    return compute.orElseThrow();
  }

  private String words(String state) {
    return words(state, bill.losses());
  }

  private String words(String state, String more) {
    return "machine %s %s%s".formatted(request().queue(), state, more);
  }

  private static Instant now() {
    return Instant.ofEpochMilli(Workflow.currentTimeMillis());
  }
}
