package dev.inkling.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The protocol: what is done in which order, what is tried again, and what a pause or a
 * cancellation leaves.
 */
@Timeout(60)
class ExperimentWorkflowTest {
  private final FakeActivities activities = new FakeActivities();
  private TestWorkflowEnvironment environment;

  @BeforeEach
  void start() {
    environment = TestServer.open();
    Worker worker =
        environment.newWorker(
            Experiment.TASK_QUEUE,
            WorkerOptions.newBuilder()
                .setMaxHeartbeatThrottleInterval(Duration.ofMillis(50))
                .build());
    worker.registerWorkflowImplementationTypes(ExperimentWorkflow.class, UnknownWorkflow.class);
    worker.registerActivitiesImplementations(activities);
    environment.start();
  }

  @AfterEach
  void stop() {
    environment.close();
  }

  private WorkflowStub begin(Object... input) {
    return begin(Experiment.TYPE, input);
  }

  private WorkflowStub begin(String type, Object... input) {
    WorkflowStub workflow =
        environment
            .getWorkflowClient()
            .newUntypedWorkflowStub(
                type,
                WorkflowOptions.newBuilder()
                    .setWorkflowId("tiny")
                    .setTaskQueue(Experiment.TASK_QUEUE)
                    .build());
    workflow.start(input);
    return workflow;
  }

  private static JsonNode tiny() throws Exception {
    return new ObjectMapper().readTree(TinySpec.JSON);
  }

  private static ExperimentResult result(WorkflowStub workflow) {
    return workflow.getResult(ExperimentResult.class);
  }

  @Test
  void everyStageIsDoneOnceAndAfterWhatItNeeds() throws Exception {
    ExperimentResult result = result(begin(tiny()));

    assertThat(activities.calls)
        .containsExactly(
            "Plan",
            "GenerateDataset prompts",
            "Evaluate baseline",
            "Finetune teacher",
            "GenerateDataset unrelated",
            "Filter unrelated",
            "Finetune same",
            "Evaluate same",
            "Finetune different",
            "Evaluate different",
            "Report");
    assertThat(result.made()).isEqualTo(9);
    assertThat(result.conditions()).hasSize(1);
  }

  @Test
  void trialsRunSideBySideUpToTheLimit() throws Exception {
    String parallel =
        TinySpec.JSON.replace(
            "\"seeds\"", "\"compute\": {\"type\": \"local\", \"parallel\": 3}, \"seeds\"");

    result(begin(new ObjectMapper().readTree(parallel)));

    assertThat(activities.calls).filteredOn(c -> c.equals("GenerateDataset prompts")).hasSize(1);
    assertThat(activities.calls).filteredOn(c -> c.equals("Finetune teacher")).hasSize(1);
    assertThat(activities.mostAtOnce.get()).isBetween(1, 3);
  }

  @Test
  void aLostWorkerIsForgivenAnyNumberOfTimes() throws Exception {
    activities.failures.put("Finetune same", new AtomicInteger(20));

    assertThat(result(begin(tiny())).made()).isEqualTo(9);
    assertThat(activities.calls).filteredOn(c -> c.equals("Finetune same")).hasSize(21);
  }

  @Test
  void whatCannotSucceedFailsTheExperimentAtOnceWithItsMessage() throws Exception {
    activities.refusals.put("Filter unrelated", true);

    assertThatThrownBy(() -> result(begin(tiny())))
        .isInstanceOf(WorkflowFailedException.class)
        .hasStackTraceContaining("The disk is full.");
    assertThat(activities.calls).filteredOn(c -> c.equals("Filter unrelated")).hasSize(1);
    assertThat(activities.calls).doesNotContain("Report");
  }

  @Test
  void badInputFailsAtOnceInTheWordsOfTheCommandLine() throws Exception {
    JsonNode wrong =
        new ObjectMapper().readTree(TinySpec.JSON.replace("\"rows\": 40", "\"row\": 40"));

    assertThatThrownBy(() -> result(begin(wrong)))
        .hasRootCauseInstanceOf(ApplicationFailure.class)
        .hasStackTraceContaining(
            "datasets.prompts.row: there is no field 'row' here, did you mean 'rows'?");
  }

  @Test
  void noInputAtAllFailsAtOnce() {
    assertThatThrownBy(() -> result(begin())).hasStackTraceContaining("there is no input");
  }

  @Test
  void anUnknownWorkflowTypeFailsAtOnceAndNamesTheRightOne() {
    assertThatThrownBy(() -> result(begin("Experimnet", "x")))
        .hasStackTraceContaining(
            "There is no workflow type 'Experimnet'. Start one of type 'Experiment'");
  }

  @Test
  void aCancelledExperimentWaitsForTheCheckpointAndKeepsWhatIsDone() throws Exception {
    activities.endless = "Finetune same";
    WorkflowStub workflow = begin(tiny());
    assertThat(activities.endlessRuns.await(30, TimeUnit.SECONDS)).isTrue();

    workflow.cancel();

    assertThatThrownBy(() -> result(workflow)).hasRootCauseInstanceOf(CanceledFailure.class);
    assertThat(activities.stoppedWithCheckpoint).isTrue();
    Progress progress = workflow.query("progress", Progress.class);
    assertThat(progress.state()).isEqualTo("Cancelled");
    assertThat(progress.stages()).filteredOn(s -> s.state() == Progress.State.DONE).hasSize(5);
  }

  @Test
  void aPauseStopsTheRunningStageAndTheEndOfThePauseGoesOnWithIt() throws Exception {
    activities.endless = "Finetune same";
    WorkflowStub workflow = begin(tiny());
    assertThat(activities.endlessRuns.await(30, TimeUnit.SECONDS)).isTrue();

    TestServer.still(environment, workflow).update("pause", Void.class);
    environment.sleep(Duration.ofDays(7));

    Progress paused = workflow.query("progress", Progress.class);
    assertThat(paused.state()).isEqualTo("Paused");
    assertThat(activities.stoppedWithCheckpoint).isTrue();
    assertThat(paused.stages()).noneMatch(s -> s.state() == Progress.State.RUNNING);
    assertThat(activities.calls).doesNotContain("Evaluate same");

    TestServer.still(environment, workflow).update("unpause", Void.class);

    assertThat(result(workflow).made()).isEqualTo(9);
    assertThat(activities.calls).filteredOn(c -> c.equals("Finetune same")).hasSize(2);
  }

  /** A stage needs its time to reach a checkpoint. */
  @Test
  void aPauseThatIsOverBeforeTheStageHasStoppedIsOnlyAPause() throws Exception {
    activities.endless = "Finetune same";
    WorkflowStub workflow = begin(tiny());
    assertThat(activities.endlessRuns.await(30, TimeUnit.SECONDS)).isTrue();

    TestServer.still(environment, workflow).update("pause", Void.class);
    TestServer.still(environment, workflow).update("unpause", Void.class);

    assertThat(result(workflow).made()).isEqualTo(9);
    assertThat(activities.calls).filteredOn(c -> c.equals("Finetune same")).hasSize(2);
  }

  @Test
  void theHistoryIsSmallAndReplays() throws Exception {
    result(begin(tiny()));
    WorkflowExecutionHistory history = environment.getWorkflowClient().fetchHistory("tiny");

    io.temporal.testing.WorkflowReplayer.replayWorkflowExecution(history, ExperimentWorkflow.class);
    assertThat(history.toJson(false).length()).isLessThan(120_000);
  }
}
