package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.crash.CrashPoint;
import dev.inkling.workflow.Experiment;
import dev.inkling.workflow.ExperimentResult;
import io.temporal.api.enums.v1.RetryState;
import io.temporal.api.history.v1.ActivityTaskTimedOutEventAttributes;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.CanceledFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Machines that are made for an experiment, and whatever dies beside them: the same artifacts, one
 * machine unless it was lost, and nothing that is left to be paid for. The workers here and on the
 * machines are real; the machines are processes of a stand-in for SkyPilot. Every story has an
 * experiment, a store and a cloud of its own; all have one Temporal server.
 */
@Timeout(1200)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterCrashTest {
  /** Stories mostly wait, for heartbeats and for idle machines. */
  private static final int AT_ONCE = 5;

  private static final String SPEC =
      """
      {"preset": "promptmlp", "seeds": [3], "models": {"teacher": {"finetune": {"epochs": 1500}}}}""";

  @TempDir static Path directory;
  private final ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE);
  private CloudStage stage;

  /** What happens to a machine. */
  @FunctionalInterface
  private interface Story {
    void tell(CloudScene scene) throws Exception;
  }

  @BeforeAll
  void open() throws Exception {
    stage = new CloudStage(directory, SPEC);
  }

  @AfterAll
  void close() throws Exception {
    executor.shutdownNow();
    executor.awaitTermination(1, TimeUnit.MINUTES);
    stage.close();
  }

  @TestFactory
  Stream<DynamicTest> whateverDies() {
    Map<String, Story> stories = new LinkedHashMap<>();
    // The longest ones first.
    stories.put("terminated-for-the-command", this::onlyASweepEndsAMachineThatCannotEndItself);
    stories.put("terminated-for-the-schedule", this::theScheduleEndsItToo);
    stories.put("terminated", this::aMachineOfATerminatedExperimentEndsByItself);
    stories.put("lost-from-sight", this::aMachineThatWasGivenUpAndLivesOnChangesNothing);
    stories.put("ordinary", this::nothingDies);
    stories.put("asked", scene -> theWorkerDiesAt(CrashPoint.MACHINE_ASKED, scene));
    stories.put("made", scene -> theWorkerDiesAt(CrashPoint.MACHINE_MADE, scene));
    stories.put("ended", scene -> theWorkerDiesAt(CrashPoint.MACHINE_ENDED, scene));
    stories.put("launching", this::workerAndToolDieDuringALaunch);
    stories.put("node-killed", this::theWorkerOnTheMachineDies);
    stories.put("taken", this::theMachineIsTakenAwayWhileItTrains);
    stories.put("cancelled-launching", this::cancelledDuringALaunch);
    stories.put("cancelled-training", this::cancelledWhileItTrains);
    stories.put("cancelled-ending", this::cancelledWhileTheMachineEnds);
    Map<String, Future<?>> told = new LinkedHashMap<>();
    stories.forEach((id, story) -> told.put(id, executor.submit(() -> told(id, story))));
    return told.entrySet().stream()
        .map(one -> DynamicTest.dynamicTest(one.getKey(), () -> one.getValue().get()));
  }

  private Void told(String id, Story story) throws Exception {
    long begun = System.nanoTime();
    try (CloudScene scene = stage.scene(id)) {
      story.tell(scene);
    }
    System.out.printf("ClusterCrashTest: %s, %d s%n", id, (System.nanoTime() - begun) / 1000000000);
    return null;
  }

  /** It ends in the same bytes, on so many machines, and leaves nothing. */
  private void ends(CloudScene scene, WorkflowStub workflow, int machines) throws Exception {
    workflow.getResult(Terminal.LONG.toSeconds(), TimeUnit.SECONDS, ExperimentResult.class);
    assertThat(scene.stages()).isEqualTo(stage.withoutMachines());
    stage.replays(workflow);
    scene.endsWith(machines, CloudScene.ended(workflow));
  }

  private void nothingDies(CloudScene scene) throws Exception {
    WorkflowStub workflow = scene.start();
    scene.worker(Map.of());
    scene.awaitTraining();
    assertThat(scene.type(Map.of(), "clusters").mustSucceed())
        .contains(scene.machine(), "H100:1", "up");

    ends(scene, workflow, 1);
  }

  private void theWorkerDiesAt(CrashPoint point, CloudScene scene) throws Exception {
    WorkflowStub workflow = scene.start();
    Terminal.Command dies = scene.worker(Map.of("INKLING_CRASH_AT", point.name()));
    assertThat(dies.exitCode()).as(dies.text()).isEqualTo(CrashPoint.CODE);
    scene.worker(Map.of());

    ends(scene, workflow, 1);
  }

  /** Its server goes on without the command. */
  private void workerAndToolDieDuringALaunch(CloudScene scene) throws Exception {
    scene.behave("{\"launch_seconds\": 10}");
    WorkflowStub workflow = scene.start();
    Terminal.Command dies = scene.worker(Map.of());
    scene.awaitEvent("launched", 1);
    List<ProcessHandle> tools = dies.process().descendants().toList();
    assertThat(tools).isNotEmpty();
    dies.process().destroyForcibly();
    tools.forEach(ProcessHandle::destroyForcibly);
    scene.worker(Map.of());

    ends(scene, workflow, 1);
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
    assertThat(stage.silences(workflow))
        .singleElement()
        .extracting(ActivityTaskTimedOutEventAttributes::getRetryState)
        .isEqualTo(RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE);
  }

  /** Its queue gets nothing any more, and its attempt has lost the claim. */
  private void aMachineThatWasGivenUpAndLivesOnChangesNothing(CloudScene scene) throws Exception {
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
    assertThat(givenUp.isAlive()).isTrue();
    assertThat(givenUp.onExit().get(IDLE_AND_SOME.toSeconds(), TimeUnit.SECONDS)).isNotNull();
    ends(scene, workflow, 2);
  }

  private static final Duration IDLE_AND_SOME = CloudScene.IDLE.plusSeconds(30);

  private void cancelled(WorkflowStub workflow) {
    assertThatThrownBy(
            () ->
                workflow.getResult(
                    Terminal.LONG.toSeconds(), TimeUnit.SECONDS, ExperimentResult.class))
        .isInstanceOf(WorkflowFailedException.class)
        .hasCauseInstanceOf(CanceledFailure.class);
  }

  private void cancelledDuringALaunch(CloudScene scene) throws Exception {
    scene.behave("{\"launch_seconds\": 100}");
    WorkflowStub workflow = scene.start();
    scene.worker(Map.of());
    scene.awaitEvent("launched", 1);
    // To clean up takes longer than the activity may be silent.
    scene.behave("{\"launch_seconds\": 100, \"look_seconds\": 4}");
    workflow.cancel();

    cancelled(workflow);
    assertThat(stage.silences(workflow)).as("taken for dead while it cleaned up").isEmpty();
    stage.replays(workflow);
    scene.endsWith(1, CloudScene.ended(workflow));
  }

  private void cancelledWhileItTrains(CloudScene scene) throws Exception {
    WorkflowStub first = scene.start();
    scene.worker(Map.of());
    scene.awaitTraining();
    assertThat(scene.type(Map.of(), "cancel", first.getExecution().getWorkflowId()).mustSucceed())
        .contains("is cancelled");
    assertThat(scene.cloud().events()).containsOnlyOnce("launched", "ended");
    stage.replays(first);

    // What is typed again goes on from whatever had been kept when the command came through.
    WorkflowStub again = scene.start();
    ends(scene, again, 2);
  }

  private void cancelledWhileTheMachineEnds(CloudScene scene) throws Exception {
    scene.behave("{\"down_seconds\": 5}");
    WorkflowStub workflow = scene.start();
    Terminal.Command worker = scene.worker(Map.of());
    CloudScene.await(
        "the tool that ends the machine",
        () ->
            worker
                .process()
                .descendants()
                .anyMatch(
                    tool ->
                        List.of(tool.info().arguments().orElse(new String[0])).contains("down")));
    workflow.cancel();

    cancelled(workflow);
    stage.replays(workflow);
    scene.endsWith(1, CloudScene.ended(workflow));
  }

  private Instant terminate(WorkflowStub workflow) {
    workflow.terminate("by hand");
    return Instant.now();
  }

  private void aMachineOfATerminatedExperimentEndsByItself(CloudScene scene) throws Exception {
    WorkflowStub workflow = scene.start();
    scene.worker(Map.of());
    scene.awaitTraining();
    Instant needed = terminate(workflow);

    scene.awaitEvent("ended", 1);
    assertThat(scene.cloud().ledger().getLast().path("why").asText()).isEqualTo("autodown");
    scene.endsWith(1, needed.plusSeconds(20));
  }

  private void onlyASweepEndsAMachineThatCannotEndItself(CloudScene scene) throws Exception {
    Instant needed = terminatedOnAMachineThatCannotEndItself(scene);

    assertThat(scene.type(Map.of(), "clusters", "sweep").mustSucceed())
        .contains(scene.machine() + " belonged to nobody and is ended");

    assertThat(scene.overdue(needed)).as("its bill").isNotEmpty();
    scene.endsWith(1, Instant.now());
  }

  private void theScheduleEndsItToo(CloudScene scene) throws Exception {
    terminatedOnAMachineThatCannotEndItself(scene);
    scene.worker(Experiment.TASK_QUEUE, Map.of());

    stage.lookForOrphansNow();

    scene.awaitEvent("ended", 1);
    scene.endsWith(1, Instant.now());
  }

  /** The negative control of the machines that end by themselves: such a one outlives its limit. */
  private Instant terminatedOnAMachineThatCannotEndItself(CloudScene scene) throws Exception {
    WorkflowStub workflow = scene.start();
    scene.worker(Map.of("FAKE_SKY_NO_WATCHDOG", "1"));
    scene.awaitTraining();
    CloudScene.signal(scene.node(1), "STOP");
    Instant needed = terminate(workflow);
    // A sweep spares machines that are younger than two minutes.
    TimeUnit.MINUTES.sleep(2);

    assertThat(scene.overdue(needed)).isNotEmpty();
    return needed;
  }
}
