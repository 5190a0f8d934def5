package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.crash.CrashPoint;
import dev.inkling.workflow.ExperimentResult;
import io.temporal.api.enums.v1.RetryState;
import io.temporal.api.history.v1.ActivityTaskTimedOutEventAttributes;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Machines that are made for an experiment, and whatever is killed beside them, wherever it is: the
 * same artifacts, one machine unless it was lost, and nothing that is left to be paid for.
 */
@Timeout(1200)
class ClusterCrashTest extends ClusterStories {
  /** When the loss of a machine takes another way through the code than the moment before. */
  private static final List<Moment> LOSSES =
      List.of(Moment.LAUNCH, Moment.TRAINING, Moment.PAUSE, Moment.RELEASE);

  private static final Duration IDLE_AND_SOME = CloudLimits.USUAL.idle().plusSeconds(30);

  @TestFactory
  Stream<DynamicTest> whateverDies() {
    // The longest ones first.
    tellWithServer("everything", CloudKind.SKY, BRIEF, this::everythingDies);
    tellWithServer("everything-gone", CloudKind.MODAL, BRIEF, this::everythingDiesAndIsGone);
    tell("lost-from-sight", CloudKind.SKY, LONG, this::aMachineThatWasGivenUpChangesNothing);
    tell("points", CloudKind.SKY, BRIEF, CloudLimits.PATIENT, this::theWorkerDiesAtItsPoints);
    tell("node-killed", CloudKind.SKY, LONG, this::theWorkerOnTheMachineDies);
    tell("taken", CloudKind.SKY, LONG, this::theMachineIsTakenAwayWhileItTrains);
    tell("ordinary", CloudKind.SKY, BRIEF, this::nothingDies);
    if (all()) {
      for (CloudKind kind : CloudKind.values()) {
        tellWithServer("server-then-worker", kind, BRIEF, this::whatIsHereDiesEverywhere);
      }
      tellWithServer("everything", CloudKind.MODAL, BRIEF, this::everythingDies);
      tellWithServer("everything-gone", CloudKind.SKY, BRIEF, this::everythingDiesAndIsGone);
      tell("points", CloudKind.MODAL, BRIEF, CloudLimits.PATIENT, this::theWorkerDiesAtItsPoints);
      tell("node-killed", CloudKind.MODAL, LONG, this::theWorkerOnTheMachineDies);
      tell("taken", CloudKind.MODAL, LONG, this::theMachineIsTakenAwayWhileItTrains);
      tell("ordinary", CloudKind.MODAL, BRIEF, this::nothingDies);
    }
    return endings();
  }

  private void nothingDies(CloudScene scene) throws Exception {
    scene.hold(Moment.TRAINING);
    WorkflowStub workflow = scene.start();
    scene.worker(Map.of());
    scene.await(Moment.TRAINING);
    assertThat(scene.type(Map.of(), "clusters").mustSucceed()).contains(scene.machine(), "up");
    scene.letGo(Moment.TRAINING);

    ends(scene, workflow, 1);
  }

  /** Just before and just after each call has its effect. */
  private void theWorkerDiesAtItsPoints(CloudScene scene) throws Exception {
    WorkflowStub workflow = scene.start();
    for (CrashPoint point :
        List.of(CrashPoint.MACHINE_ASKED, CrashPoint.MACHINE_MADE, CrashPoint.MACHINE_ENDED)) {
      Terminal.Command dies = scene.worker(Map.of("INKLING_CRASH_AT", point.name()));
      assertThat(dies.exitCode()).as(dies.text()).isEqualTo(CrashPoint.CODE);
    }
    scene.worker(Map.of());

    ends(scene, workflow, 1);
  }

  /**
   * First the Temporal server alone, then the ordinary worker with the tools that it has called.
   */
  private void whatIsHereDiesEverywhere(CloudScene scene, DevServer server) throws Exception {
    WorkflowStub workflow =
        diesAtEach(
            scene.home().kind().moments(),
            scene,
            (_, worker) -> {
              server.kill();
              server.start();
              CloudHome.kill(worker);
            });

    ends(scene, workflow, 1);
  }

  /** All at once, and the worker on the machine, which is started again there three times. */
  private void everythingDies(CloudScene scene, DevServer server) throws Exception {
    WorkflowStub workflow =
        diesAtEach(
            scene.home().kind().moments(),
            scene,
            (_, worker) -> {
              server.kill();
              CloudHome.kill(worker);
              scene.nodes().forEach(ProcessHandle::destroyForcibly);
              server.start();
            });

    ends(scene, workflow, 2);
  }

  /**
   * All at once, and the machine itself, if there is one; but not where its worker has not begun,
   * which is waited for a quarter of an hour.
   */
  private void everythingDiesAndIsGone(CloudScene scene, DevServer server) throws Exception {
    Set<Moment> needed = EnumSet.noneOf(Moment.class);
    WorkflowStub workflow =
        diesAtEach(
            all() ? scene.home().kind().moments() : LOSSES,
            scene,
            (moment, worker) -> {
              server.kill();
              CloudHome.kill(worker);
              if (moment != Moment.BOOT && scene.bill().living() > 0) {
                scene.cloud().take(scene.machine());
                needed.add(moment);
              }
              server.start();
            });

    needed.remove(Moment.RELEASE);
    ends(scene, workflow, 1 + needed.size());
  }

  private interface Death {
    void of(Moment moment, Terminal.Command worker) throws Exception;
  }

  /** One experiment that is held at each of these moments until there is a worker again. */
  private static WorkflowStub diesAtEach(List<Moment> moments, CloudScene scene, Death death)
      throws Exception {
    scene.hold(moments.getFirst());
    WorkflowStub workflow = scene.start();
    Terminal.Command worker = scene.worker(Map.of());
    for (int i = 0; i < moments.size(); i++) {
      scene.await(moments.get(i));
      death.of(moments.get(i), worker);
      worker = scene.worker(Map.of());
      if (i + 1 < moments.size()) {
        scene.hold(moments.get(i + 1));
      }
      scene.letGo(moments.get(i));
      if (moments.get(i) == Moment.PAUSE) {
        scene.unpause();
      }
    }
    return workflow;
  }

  private void theWorkerOnTheMachineDies(CloudScene scene) throws Exception {
    WorkflowStub workflow = scene.start();
    scene.worker(Map.of());
    scene.awaitTraining();
    scene.node(1).destroyForcibly();
    scene.awaitGoingOn();

    ends(scene, workflow, 1); // it was started again there
  }

  private void theMachineIsTakenAwayWhileItTrains(CloudScene scene) throws Exception {
    WorkflowStub workflow = scene.start();
    scene.worker(Map.of());
    scene.awaitTraining();
    scene.cloud().take(scene.machine());
    long lost = System.nanoTime();
    scene.awaitGoingOn();
    System.out.printf(
        "ClusterCrashTest: %.1f s from the loss of a machine until the stage runs again%n",
        (System.nanoTime() - lost) / 1e9);
    assertThat(scene.node(2).isAlive()).isTrue();

    ends(scene, workflow, 2);
    // A heartbeat that did not come is told to the workflow, not tried again on the same queue.
    assertThat(stage().silences(workflow))
        .singleElement()
        .extracting(ActivityTaskTimedOutEventAttributes::getRetryState)
        .isEqualTo(RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE);
  }

  /** Its queue gets nothing any more, and its attempt has lost the claim. */
  private void aMachineThatWasGivenUpChangesNothing(CloudScene scene) throws Exception {
    WorkflowStub workflow = scene.start();
    scene.worker(Map.of());
    scene.awaitTraining();
    ProcessHandle givenUp = scene.node(1);
    CloudScene.signal(givenUp, "STOP");
    scene.cloud().lose(scene.machine());
    scene.awaitGoingOn();
    CloudScene.signal(givenUp, "CONT");
    scene.awaitSaid("stops");

    workflow.getResult(Terminal.LONG.toSeconds(), TimeUnit.SECONDS, ExperimentResult.class);
    assertThat(givenUp.onExit().get(IDLE_AND_SOME.toSeconds(), TimeUnit.SECONDS)).isNotNull();
    ends(scene, workflow, 2);
  }
}
