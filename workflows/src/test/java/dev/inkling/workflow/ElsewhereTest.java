package dev.inkling.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.CanceledFailure;
import io.temporal.testing.TestWorkflowEnvironment;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Work that goes on at a provider: it is waited for, and withdrawn when the experiment ends. */
@Timeout(60)
class ElsewhereTest {
  private static final String JOB = "Finetune finetuned";

  private final FakeActivities activities = new FakeActivities();
  private TestWorkflowEnvironment environment;

  @BeforeEach
  void start() {
    environment = TestServer.open(activities);
  }

  @AfterEach
  void stop() {
    environment.close();
  }

  private WorkflowStub begin() throws Exception {
    return TestServer.begin(environment, "owl", OwlSpec.FINETUNED);
  }

  /**
   * Waits until the job was looked at and the next look is due later. A test server that is told to
   * cancel a look under way forgets it.
   */
  private void awaitLook() throws InterruptedException {
    while (!activities.calls.contains(JOB) || looksUnderWay()) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private boolean looksUnderWay() {
    return environment
        .getWorkflowServiceStubs()
        .blockingStub()
        .describeWorkflowExecution(
            DescribeWorkflowExecutionRequest.newBuilder()
                .setNamespace(environment.getNamespace())
                .setExecution(WorkflowExecution.newBuilder().setWorkflowId("owl"))
                .build())
        .getPendingActivitiesList()
        .stream()
        .anyMatch(look -> look.getAttempt() < 2);
  }

  @Test
  void aJobOfManyDaysIsLookedAtAgainAndAgainAndLeavesNoEventsBehind() throws Exception {
    activities.later.put(JOB, new AtomicInteger(100));
    long began = environment.currentTimeMillis();
    WorkflowStub workflow = begin();

    assertThat(workflow.getResult(ExperimentResult.class).made()).isEqualTo(10);
    assertThat(Duration.ofMillis(environment.currentTimeMillis() - began))
        .isGreaterThan(Duration.ofDays(24));
    assertThat(activities.calls).filteredOn(JOB::equals).hasSize(101);
    assertThat(environment.getWorkflowClient().fetchHistory("owl").getHistory().getEventsCount())
        .isLessThan(120);
  }

  @Test
  void aCancelledExperimentWithdrawsItsJobAndNothingThatIsDone() throws Exception {
    activities.later.put(JOB, new AtomicInteger(Integer.MAX_VALUE));
    WorkflowStub workflow = begin();
    awaitLook();

    workflow.cancel();

    assertThatThrownBy(() -> workflow.getResult(ExperimentResult.class))
        .hasRootCauseInstanceOf(CanceledFailure.class);
    assertThat(activities.calls)
        .filteredOn(c -> c.startsWith("Withdraw"))
        .containsExactly("Withdraw finetuned");
    assertThat(workflow.query("progress", Progress.class).state()).isEqualTo("Cancelled");
  }

  @Test
  void aPauseLeavesTheJobAlone() throws Exception {
    activities.later.put(JOB, new AtomicInteger(Integer.MAX_VALUE));
    WorkflowStub workflow = begin();
    awaitLook();

    TestServer.still(environment, workflow).update("pause", Void.class);
    environment.sleep(Duration.ofDays(1));
    activities.later.clear();
    TestServer.still(environment, workflow).update("unpause", Void.class);

    assertThat(workflow.getResult(ExperimentResult.class).made()).isEqualTo(10);
    assertThat(activities.calls).noneMatch(c -> c.startsWith("Withdraw"));
  }

  @Test
  void theFailureOfAnotherTrialLeavesTheJobAloneToo() throws Exception {
    activities.refusals.put(JOB, true);
    assertThatThrownBy(() -> begin().getResult(ExperimentResult.class))
        .hasStackTraceContaining("The disk is full.");
    assertThat(activities.calls).contains(JOB).noneMatch(c -> c.startsWith("Withdraw"));
  }
}
