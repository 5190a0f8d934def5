package dev.inkling.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.spec.Budget;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.CanceledFailure;
import io.temporal.testing.TestWorkflowEnvironment;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An experiment that asks models spends what its budget allows, and then parks. */
@Timeout(60)
class BudgetTest {
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

  private WorkflowStub begin(String budget) throws Exception {
    return TestServer.begin(
        environment,
        "owl",
        OwlSpec.JSON.replace("\"seeds\"", "\"budget\": " + budget + ", \"seeds\""));
  }

  private static void await(WorkflowStub workflow, String state) throws Exception {
    while (!workflow.query("progress", Progress.class).state().equals(state)) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  @Test
  void withinTheBudgetEverythingIsDoneAndTheResultTellsTheCost() throws Exception {
    activities.price = 0.25;
    ExperimentResult result = begin("{\"usd\": 1.0}").getResult(ExperimentResult.class);
    assertThat(result.spend().orElseThrow().usd()).contains(1.0);
    assertThat(activities.calls).startsWith("Plan", "Preflight");
  }

  @Test
  void whereTheBudgetEndsItParksAndALargerOneLetsItGoOn() throws Exception {
    activities.price = 0.25;
    WorkflowStub workflow = begin("{\"usd\": 0.6}");
    await(workflow, "Parked");
    // Two stages that ask fit; the third is told what is left and stops there. Scoring is free.
    assertThat(activities.calls.stream().filter(c -> !c.endsWith(" · owl"))).hasSize(2 + 3);
    TestServer.still(environment, workflow)
        .update("budget", Void.class, new Budget(Optional.of(2.0), Optional.empty()));
    ExperimentResult result = workflow.getResult(ExperimentResult.class);
    assertThat(result.spend().orElseThrow().usd()).contains(1.0);
    assertThat(result.made()).isEqualTo(4 + 3);
  }

  @Test
  void aParkedExperimentCanBeCancelled() throws Exception {
    activities.price = 0.25;
    WorkflowStub workflow = begin("{\"usd\": 0.1}");
    await(workflow, "Parked");
    workflow.cancel();
    assertThatThrownBy(() -> workflow.getResult(ExperimentResult.class))
        .isInstanceOf(WorkflowFailedException.class)
        .hasCauseInstanceOf(CanceledFailure.class);
  }
}
