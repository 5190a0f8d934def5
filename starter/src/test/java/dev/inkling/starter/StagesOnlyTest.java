package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.preset.Resolver;
import dev.inkling.worker.Connection;
import dev.inkling.workflow.StageRequest;
import dev.inkling.workflow.StageResult;
import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.common.RetryOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.worker.WorkerFactory;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The worker of a machine that was made for an experiment: what it takes on, and how it ends. */
class StagesOnlyTest extends AtATerminal {
  private static final String NODE = "node";

  @Test
  void aWorkerOfStagesMakesThemDoesNothingElseAndEndsWhenIdle() throws Exception {
    terminal.type("worker").awaitText("Worker on");
    Terminal.Command node =
        terminal.type(
            Map.of("TEMPORAL_ADDRESS", terminal.serverAddress()),
            "worker",
            "--queue",
            NODE,
            "--stages-only",
            "--idle-minutes",
            "0.15",
            "--max-hours",
            "0.2000");
    node.awaitText("Worker on " + NODE);
    node.awaitText("GPU");
    Plan plan =
        Resolver.plan(new ObjectMapper().readTree("{\"preset\": \"promptmlp\", \"seeds\": [1]}"));
    Stage stage = plan.stages().getFirst();

    try (Connection connection = Connection.to(terminal.serverAddress(), Optional.empty())) {
      WorkerFactory factory = WorkerFactory.newInstance(connection.client());
      factory.newWorker("asks").registerWorkflowImplementationTypes(AskingWorkflow.class);
      factory.start();
      try {
        Asking asking =
            connection
                .client()
                .newWorkflowStub(
                    Asking.class, WorkflowOptions.newBuilder().setTaskQueue("asks").build());
        String said = asking.ask(new StageRequest(plan.id(), stage, Optional.empty()));
        assertThat(said).startsWith("made " + stage.key()).contains("not registered with a worker");
        assertThat(said.replaceFirst(".*Known types are: ([A-Za-z, ]*)'.*", "$1").split(", "))
            .containsExactlyInAnyOrder("GenerateDataset", "Filter", "Finetune", "Evaluate");
      } finally {
        factory.shutdownNow();
      }
    }

    assertThat(node.mustSucceed()).contains("The worker ends: no stage ran for 9 s");
    assertThat(terminal.home().resolve("artifacts").resolve(stage.key()).resolve("manifest.json"))
        .exists();
  }

  @Test
  void aWorkerWhoseLifeIsOverHandsItsStageBack() throws Exception {
    String spec = SmallSpec.ONE_STUDENT.replace("epochs: 40", "epochs: 4000");
    Terminal.Command run = terminal.type("run", file(spec), "--no-worker");
    run.awaitText("Experiment drain-");
    Terminal.Command first = terminal.type("worker", "--max-hours", "0.008");
    terminal.awaitCheckpoint("student (ghost)", first);
    String ended = first.mustSucceed();

    assertThat(ended).contains("The worker ends: its life of 28 s is over");
    assertThat(Files.size(terminal.checkpoint().orElseThrow())).isPositive();
    Terminal.Command second = terminal.type("worker");
    second.awaitText("went on from step ");
    terminal.mustSucceed("cancel", run.experiment());
  }

  /** It never comes to the Temporal service, which is not there. */
  @Test
  void aWorkerThatCannotUseTheGpuItWasGivenTakesNoStage() throws Exception {
    Map<String, String> given =
        Map.of("CUDA_VISIBLE_DEVICES", "77", "TEMPORAL_ADDRESS", "127.0.0.1:1");

    Terminal.Command worker = terminal.type(given, "worker", "--queue", NODE, "--stages-only");

    assertThat(worker.exitCode()).isEqualTo(3);
    assertThat(worker.text())
        .contains("torch can use none", "CUDA_VISIBLE_DEVICES is '77'", "INKLING_DEVICE=cpu")
        .doesNotContain("\tat ", "Worker on");
  }

  @Test
  void whatIsNoTimeIsRefused() throws Exception {
    Terminal.Command worker = terminal.type("worker", "--idle-minutes", "0");
    assertThat(worker.exitCode()).isEqualTo(2);
    assertThat(worker.text()).contains("--idle-minutes must be more than 0");
  }

  /** Asks a node for a stage, and for a plan. */
  @WorkflowInterface
  public interface Asking {
    /** What came of both. */
    @WorkflowMethod
    String ask(StageRequest request);
  }

  /** Neither is tried twice. */
  public static final class AskingWorkflow implements Asking {
    private final ActivityOptions options =
        ActivityOptions.newBuilder()
            .setTaskQueue(NODE)
            .setScheduleToCloseTimeout(Duration.ofMinutes(2))
            .setRetryOptions(RetryOptions.newBuilder().setMaximumAttempts(1).build())
            .build();

    @Override
    public String ask(StageRequest request) {
      StageResult result =
          Workflow.newUntypedActivityStub(options)
              .execute("GenerateDataset", StageResult.class, request);
      try {
        Workflow.newUntypedActivityStub(options).execute("Plan", Plan.class, request);
        return "planned";
      } catch (ActivityFailure e) {
        return "made " + result.key() + "; " + e.getCause();
      }
    }
  }
}
