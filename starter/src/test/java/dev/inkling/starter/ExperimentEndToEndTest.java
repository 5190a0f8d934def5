package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.worker.Connection;
import dev.inkling.workflow.Experiment;
import dev.inkling.workflow.ExperimentResult;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The command line, the real Temporal server and real training together, small. */
class ExperimentEndToEndTest extends AtATerminal {
  private static final ObjectMapper JSON = new ObjectMapper();

  private String spec = "";

  @BeforeEach
  void writeSpec() throws Exception {
    spec = file(SmallSpec.YAML);
  }

  @Test
  void aRunEndsWithAReportAndTheSameCommandAgainShowsIt() throws Exception {
    Path out = directory.resolve("out");
    spec = file(SmallSpec.brief(SmallSpec.YAML));
    String first = terminal.mustSucceed("run", spec, "--out", out.toString());

    assertThat(first)
        .contains("Done: 13 stages made, 0 reused.", "student (ghost)", "Report: " + out);
    JsonNode results = JSON.readTree(Files.readAllBytes(out.resolve("results.json")));
    assertThat(results.path("conditions")).hasSize(6);
    assertThat(results.at("/conditions/0/values")).hasSize(3);
    assertThat(results.at("/comparisons/0/paired").asBoolean()).isTrue();
    assertThat(results.at("/provenance/stages")).hasSize(13);
    assertThat(out.resolve("figures/results.svg")).isNotEmptyFile();
    assertThat(Files.readAllLines(out.resolve("results.csv"))).hasSize(1 + 6 * 3);
    assertThat(terminal.home().resolve("work"))
        .satisfiesAnyOf(w -> assertThat(w).doesNotExist(), w -> assertThat(w).isEmptyDirectory());

    assertThat(terminal.mustSucceed("run", spec)).contains("Everything is there: all 13 stages");
    // The server left with its last user.
    terminal.awaitServerEnd();

    String id = results.path("id").asText();
    assertThat(terminal.mustSucceed("report", id)).contains("student (ghost)");
    assertThat(terminal.mustSucceed("status")).contains(id, "completed");
    assertThat(terminal.mustSucceed("artifacts", "verify"))
        .contains("All 14 artifacts are as they were published");

    // Another evaluation of the same students pays for nothing before it.
    String more = terminal.mustSucceed("run", spec, "--set", "comparisons=[]");
    assertThat(more).contains("Done: 0 stages made, 13 reused.");
  }

  @Test
  void anExperimentStartedInTheTemporalUiRunsTheSame() throws Exception {
    Terminal.Command worker = terminal.type("worker");
    worker.awaitText("workflowType=Experiment&taskQueue=inkling");
    try (Connection connection = Connection.to(terminal.serverAddress(), Optional.empty())) {
      // What the UI does: a workflow id, a type, a queue, and JSON that somebody typed.
      ExperimentResult result =
          start(
                  connection,
                  "typed-by-hand",
                  Experiment.TYPE,
                  JSON.readTree("{\"preset\": \"promptmlp\", \"seeds\": [1, 2]}"))
              .getResult(ExperimentResult.class);
      assertThat(result.conditions()).hasSize(4);
      assertThat(Path.of(result.report()).resolve("report.html")).isNotEmptyFile();
      assertFound(connection, "InklingPreset = 'promptmlp' AND InklingState = 'Completed'");

      WorkflowStub wrong =
          start(
              connection,
              "wrong",
              Experiment.TYPE,
              JSON.readTree("{\"preset\": \"promptmlp\", \"seedz\": [1]}"));
      assertThatThrownBy(() -> wrong.getResult(ExperimentResult.class))
          .hasStackTraceContaining("seedz: there is no field 'seedz' here, did you mean 'seeds'?");
      WorkflowStub empty = start(connection, "empty", Experiment.TYPE);
      assertThatThrownBy(() -> empty.getResult(ExperimentResult.class))
          .hasStackTraceContaining("there is no input");
      WorkflowStub text = start(connection, "text", Experiment.TYPE, "mnist");
      assertThatThrownBy(() -> text.getResult(ExperimentResult.class))
          .hasStackTraceContaining("a spec is an object");
      WorkflowStub unknown = start(connection, "unknown", "Experimnt", "mnist");
      assertThatThrownBy(() -> unknown.getResult(ExperimentResult.class))
          .hasStackTraceContaining("There is no workflow type");
    }
    worker.signal("TERM");
    assertThat(worker.exitCode(Duration.ofSeconds(20))).isEqualTo(143);
  }

  private static WorkflowStub start(
      Connection connection, String id, String type, Object... input) {
    WorkflowStub workflow =
        connection
            .client()
            .newUntypedWorkflowStub(
                type,
                WorkflowOptions.newBuilder()
                    .setWorkflowId(id)
                    .setTaskQueue(Experiment.TASK_QUEUE)
                    .build());
    workflow.start(input);
    return workflow;
  }

  /** Visibility follows with a little delay. */
  private static void assertFound(Connection connection, String query) throws InterruptedException {
    for (int i = 0; i < 50; i++) {
      if (connection.client().countWorkflows(query).getCount() == 1) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new AssertionError("not found: " + query);
  }

  @Test
  void aSecondRunAttachesToTheFirst() throws Exception {
    Terminal.Command first = terminal.type("run", spec);
    first.awaitText("running  Finetune");
    Terminal.Command second = terminal.type("run", spec);

    assertThat(first.mustSucceed()).contains("Done: 13 stages made, 0 reused.");
    assertThat(second.mustSucceed())
        .containsAnyOf("Done: 13 stages made, 0 reused.", "Everything is there");
  }

  @Test
  void cancelKeepsWhatIsDoneAndTheSameCommandGoesOn() throws Exception {
    Terminal.Command run = terminal.type("run", spec);
    run.awaitText("running  Finetune        student (ghost)");
    String id = run.experiment();

    assertThat(terminal.mustSucceed("cancel", id))
        .contains(id + " is cancelled; everything done so far is kept.");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.text())
        .contains(
            "The experiment was cancelled; everything done so far is kept. To go on: ./inkling run");

    String again = terminal.mustSucceed("run", spec);
    assertThat(again)
        .contains("reused   Finetune        teacher")
        .containsPattern("Done: \\d+ stages made, [5-9] reused");
  }

  @Test
  void ctrlCLeavesTheExperimentResumableAndSaysHow() throws Exception {
    Terminal.Command run = terminal.type("run", spec);
    run.awaitText("running  Finetune        student (ghost)");

    run.signal("INT");

    assertThat(run.exitCode(Duration.ofSeconds(30))).isEqualTo(130);
    assertThat(run.text())
        .contains("Everything done so far is kept. To go on: ./inkling run " + spec);
    terminal.awaitServerEnd();
    assertThat(terminal.mustSucceed("run", spec)).contains("Done: 13 stages made, 0 reused.");
  }

  @Test
  void aReadOnlyStoreSaysWhatToDo() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "not a directory");
    try (Terminal broken = new Terminal(directory.resolve("other"))) {
      Files.createSymbolicLink(broken.home().resolve("artifacts"), file);
      Terminal.Command run = broken.type("run", spec);

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.text())
          .contains("Everything done so far is kept")
          .contains("un the same command again");
      assertThat(run.text()).doesNotContain("at dev.inkling");
    }
  }
}
