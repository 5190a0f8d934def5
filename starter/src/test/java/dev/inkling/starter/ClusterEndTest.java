package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.workflow.Experiment;
import dev.inkling.workflow.ExperimentResult;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.CanceledFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Experiments that are cancelled or terminated, wherever they are: no machine outlives its limit,
 * and all together cost one idle limit more than was needed at most; and with the limit taken away,
 * one does.
 */
@Timeout(1200)
class ClusterEndTest extends ClusterStories {
  /** A worker may only have to begin before it is idle, while much else runs. */
  private static final Duration BEGINS = Duration.ofSeconds(30);

  /** 72 seconds, in which a worker has begun. */
  private static final CloudLimits SHORT = new CloudLimits(CloudLimits.USUAL.idle(), 0.02);

  private static final Set<Moment> EVERYWHERE = EnumSet.allOf(Moment.class);

  /** Where it matters who the provider is. */
  private static final Set<Moment> PROVIDERS =
      EnumSet.of(Moment.CAPACITY, Moment.LAUNCH, Moment.BOOT, Moment.RELEASE);

  private static Set<Moment> moments(CloudKind kind) {
    return switch (kind) {
      case SKY -> EVERYWHERE;
      case MODAL -> PROVIDERS;
    };
  }

  @TestFactory
  Stream<DynamicTest> whoeverEndsIt() {
    // The longest ones first.
    for (CloudKind kind : CloudKind.values()) {
      tell("frozen", kind, BRIEF, SHORT, this::itsTimeEndsAMachineWhoseWorkerIsFrozen);
      tell("without-limit", kind, BRIEF, this::onlyASweepEndsAMachineWithoutALimit);
    }
    tell("without-limit-scheduled", CloudKind.SKY, BRIEF, this::theScheduleEndsItToo);
    for (CloudKind kind : CloudKind.values()) {
      Set<Moment> moments = all() ? EVERYWHERE : moments(kind);
      tell("terminated", kind, BRIEF, scene -> terminatedItEndsByItself(moments, scene));
      tell("cancelled", kind, BRIEF, scene -> cancelledItIsGivenBack(moments, scene));
    }
    tell("cancelled-slowly", CloudKind.SKY, BRIEF, this::cleaningUpMayTakeLong);
    tell("cancelled-and-again", CloudKind.SKY, LONG, this::theSameCommandGoesOnAfterACancel);
    return endings();
  }

  /** Experiments beside each other, each held at another moment. */
  private Map<Moment, CloudScene> held(Set<Moment> moments, CloudScene scene) throws Exception {
    Map<Moment, CloudScene> held = new LinkedHashMap<>();
    for (Moment moment : moments) {
      CloudScene one = heldAt(moment, scene.home());
      one.start();
      held.put(moment, one);
    }
    scene.worker(Map.of());
    for (Map.Entry<Moment, CloudScene> one : held.entrySet()) {
      one.getValue().await(one.getKey());
    }
    return held;
  }

  private static long machines(Moment moment, CloudScene scene) {
    return moment == Moment.CAPACITY ? scene.home().kind().whileThereIsNone() : 1;
  }

  /** All were told to end; what has begun takes some seconds until it hears of it. */
  private static void letGo(Map<Moment, CloudScene> held) throws Exception {
    TimeUnit.SECONDS.sleep(3);
    for (Map.Entry<Moment, CloudScene> one : held.entrySet()) {
      one.getValue().letGo(one.getKey());
    }
  }

  private void cancelledItIsGivenBack(Set<Moment> moments, CloudScene scene) throws Exception {
    Map<Moment, CloudScene> held = held(moments, scene);
    held.values().forEach(one -> one.stub().cancel());
    letGo(held);

    for (Map.Entry<Moment, CloudScene> one : held.entrySet()) {
      WorkflowStub workflow = one.getValue().stub();
      cancelled(workflow);
      one.getValue().replays();
      one.getValue().hasPaidFor(machines(one.getKey(), scene), CloudScene.ended(workflow));
    }
    scene.endsWith(0, Instant.now());
  }

  private static void cancelled(WorkflowStub workflow) {
    assertThatThrownBy(
            () ->
                workflow.getResult(
                    Terminal.LONG.toSeconds(), TimeUnit.SECONDS, ExperimentResult.class))
        .isInstanceOf(WorkflowFailedException.class)
        .hasCauseInstanceOf(CanceledFailure.class);
  }

  private void terminatedItEndsByItself(Set<Moment> moments, CloudScene scene) throws Exception {
    Map<Moment, CloudScene> held = held(moments, scene);
    Instant needed = Instant.now().plus(BEGINS);
    held.values().forEach(one -> one.stub().terminate("by hand"));
    letGo(held);

    for (Map.Entry<Moment, CloudScene> one : held.entrySet()) {
      long machines = machines(one.getKey(), scene);
      CloudScene.await(
          "the end of the machine at " + one.getKey(),
          () ->
              one.getValue().bill().launches() == machines && one.getValue().bill().living() == 0);
      one.getValue().hasPaidFor(machines, needed);
    }
    scene.endsWith(0, Instant.now());
  }

  /** To clean up takes longer than the activity may be silent. */
  private void cleaningUpMayTakeLong(CloudScene scene) throws Exception {
    scene.hold(Moment.LAUNCH);
    WorkflowStub workflow = scene.start();
    scene.worker(Map.of());
    scene.await(Moment.LAUNCH);
    scene.home().wish("look_seconds", 4);
    workflow.cancel();

    cancelled(workflow);
    assertThat(stage().silences(workflow)).as("taken for dead while it cleaned up").isEmpty();
    scene.endsWith(1, CloudScene.ended(workflow));
  }

  private void theSameCommandGoesOnAfterACancel(CloudScene scene) throws Exception {
    WorkflowStub first = scene.start();
    scene.worker(Map.of());
    scene.awaitTraining();
    assertThat(scene.type(Map.of(), "cancel", first.getExecution().getWorkflowId()).mustSucceed())
        .contains("is cancelled");
    assertThat(scene.cloud().events()).containsOnlyOnce("launched", "ended");
    scene.replays();

    // It goes on from whatever had been kept when the command came through.
    ends(scene, scene.start(), 2);
  }

  /** It is held where it computes, its worker is stopped, and nobody is left to end it. */
  private static Instant terminatedWithAFrozenWorker(CloudScene scene, Map<String, String> more)
      throws Exception {
    scene.hold(Moment.DATASET);
    WorkflowStub workflow = scene.start();
    scene.worker(more);
    scene.await(Moment.DATASET);
    CloudScene.signal(scene.node(1), "STOP");
    workflow.terminate("by hand");
    return Instant.now();
  }

  private void itsTimeEndsAMachineWhoseWorkerIsFrozen(CloudScene scene) throws Exception {
    terminatedWithAFrozenWorker(scene, Map.of());

    CloudScene.await("the end of its time", () -> scene.bill().living() == 0);
    // Idle for as long as it lived: only that it lived no longer than its limit counts.
    scene.endsWith(1, Instant.now());
  }

  private void onlyASweepEndsAMachineWithoutALimit(CloudScene scene) throws Exception {
    outlivesItsLimit(scene);

    assertThat(scene.type(Map.of(), "clusters", "sweep").mustSucceed())
        .contains(scene.machine() + " belonged to nobody and is ended");

    scene.endsWith(1, Instant.now());
  }

  private void theScheduleEndsItToo(CloudScene scene) throws Exception {
    outlivesItsLimit(scene);
    scene.worker(Experiment.TASK_QUEUE, Map.of());

    stage().lookForOrphansNow();

    scene.cloud().await("ended", 1, Terminal.LONG);
    scene.endsWith(1, Instant.now());
  }

  /** The negative control of all others: what ends a machine by itself is taken away. */
  private static void outlivesItsLimit(CloudScene scene) throws Exception {
    String off = "FAKE_%s_NO_WATCHDOG".formatted(scene.home().kind());
    Instant needed = terminatedWithAFrozenWorker(scene, Map.of(off, "1")).plus(BEGINS);

    CloudScene.await(
        "a bill that the others would not pass", () -> scene.bill().excess(needed).isPresent());
    assertThatThrownBy(() -> scene.hasPaidFor(1, needed)).isInstanceOf(AssertionError.class);
    // A sweep spares machines that are younger than two minutes.
    scene.home().wish("older_seconds", 120);
  }
}
