package dev.inkling.workflow;

import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.spec.Compute;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.TimeoutFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowLock;
import io.temporal.workflow.WorkflowSemaphore;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
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

  /** One that did not live for so long has brought nothing forward. */
  private static final Duration FRUITFUL = Duration.ofMinutes(10);

  /** So many without fruit in a row are no chance. */
  private static final int FRUITLESS = 5;

  /** Providers take an idle machine down so long after its worker has ended, at the latest. */
  private static final Duration TAKEN_DOWN = Duration.ofMinutes(10);

  private final Board board;
  private final Bill bill = new Bill();
  private final WorkflowLock one = Workflow.newWorkflowLock();
  private String experiment = "";
  private Optional<Compute.Provisioned> compute = Optional.empty();

  /** A stage that waits for a busy worker would look like one whose worker never came. */
  private WorkflowSemaphore turns = Workflow.newWorkflowSemaphore(1);

  private @Nullable Cluster current;
  private Instant looked = Instant.EPOCH;

  /** When a stage was last there. */
  private Instant left = Instant.EPOCH;

  private int generation;

  /** The generation that has done a stage. */
  private int served;

  private int using;
  private int fruitless;
  private int strikes;

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
      using++;
      try {
        StageResult result =
            Calls.stageOnMachine(
                ClusterRequest.queueOf(experiment, cluster.generation()),
                request,
                served == cluster.generation());
        served = cluster.generation();
        strikes = 0;
        fruitless = 0;
        looked = now();
        return result;
      } catch (ActivityFailure e) {
        if (!mayBeLost(e)) {
          throw e;
        }
        look(cluster, e);
      } finally {
        using--;
        left = now();
      }
    }
  }

  /** Whether the machine, and not the stage, may have failed. */
  private static boolean mayBeLost(ActivityFailure e) {
    return Failures.WORKER_LOST.is(e.getCause())
        || timedOut(e, TimeoutType.TIMEOUT_TYPE_HEARTBEAT)
        || timedOut(e, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START);
  }

  private static boolean timedOut(ActivityFailure e, TimeoutType type) {
    return e.getCause() instanceof TimeoutFailure timeout && timeout.getTimeoutType() == type;
  }

  /** A machine that is up; one is made if there is none. */
  private Cluster there() {
    one.lock();
    try {
      Cluster known = current;
      if (known != null && (using > 0 || now().isBefore(looked.plus(FRESH)))) {
        return known;
      }
      if (known != null && ourLives()) {
        looked = now();
        return known;
      }
      if (known != null) {
        Instant ended = left.plus(provisioned().idle()).plus(TAKEN_DOWN);
        gone(ended.isBefore(now()) ? ended : now(), false);
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
  private boolean ourLives() {
    Cluster there = Calls.cluster().describe(request());
    boolean ours = there.lives() && there.generation() == generation;
    if (ours) {
      current = there; // its price may be another by now
    }
    return ours;
  }

  /**
   * The generation to begin with: a machine that a terminated run of the same experiment has left
   * is taken over.
   */
  private int first() {
    generation = 1;
    return Math.max(1, Calls.cluster().describe(request()).generation());
  }

  private Cluster made() {
    Instant wanted = now();
    board.machine(words("is being made"));
    Cluster cluster;
    try {
      cluster = Calls.ensure(request());
    } catch (ActivityFailure e) {
      throw Calls.noMachine(e, provisioned(), bill.usd());
    }
    current = cluster;
    looked = now();
    left = looked;
    bill.up(wanted, looked);
    board.machine(words("is up" + cluster.until().map(u -> ", until " + u).orElse("")));
    return cluster;
  }

  /** After a stage fell silent: is the machine there, and is its worker? */
  private void look(Cluster cluster, ActivityFailure e) {
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
      boolean lives = ourLives();
      looked = now();
      strikes++;
      if (lives && strikes < 2) {
        return;
      }
      if (lives) {
        // It lives and does nothing for us: given up, and ended before the next one is made.
        Calls.release(request());
      }
      gone(now(), timedOut(e, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START));
      bill.lost();
      board.machine(words("was lost"));
      if (fruitless >= FRUITLESS) {
        throw Failures.CLUSTER_LOST.of(
            "%d machines in a row were lost within %d minutes, or their workers never came: %s. Everything done so far is kept. Look at the worker's log on the machine, or choose another one in compute, and run the same command again."
                .formatted(FRUITLESS, FRUITFUL.toMinutes(), e.getCause().getMessage()));
      }
    } finally {
      one.unlock();
    }
  }

  /**
   * What was there is there no more; the next one is another generation.
   *
   * @param ended when it was gone at the latest
   * @param unserved whether its worker never took the last stage, however long it was there
   */
  private void gone(Instant ended, boolean unserved) {
    Cluster cluster = Objects.requireNonNull(current);
    Instant since = cluster.since().orElse(now());
    boolean early = Duration.between(since, now()).compareTo(FRUITFUL) < 0;
    fruitless = strikes > 0 && (early || unserved) ? fruitless + 1 : 0;
    bill.gone(cluster, ended);
    current = null;
    strikes = 0;
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
                end = "could not be given back: " + e.getCause().getMessage();
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
    return "machine %s, the %d., %s%s".formatted(request().name(), generation, state, more);
  }

  private static Instant now() {
    return Instant.ofEpochMilli(Workflow.currentTimeMillis());
  }
}
