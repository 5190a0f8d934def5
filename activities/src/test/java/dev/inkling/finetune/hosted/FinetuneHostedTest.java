package dev.inkling.finetune.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.estimate.Estimate;
import dev.inkling.estimate.Estimates;
import dev.inkling.language.BudgetExceededException;
import dev.inkling.language.EmptyDatasetException;
import dev.inkling.language.JobFile;
import dev.inkling.model.ModelException;
import dev.inkling.model.hosted.Prices;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.spec.Budget;
import dev.inkling.stage.Caller;
import dev.inkling.stage.LaterException;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.NextLook;
import dev.inkling.workflow.StageResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model that its provider fine-tunes: what is sent, what comes back, what is refused before. */
@Timeout(120)
class FinetuneHostedTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A chat has a prompt of 12 characters and a completion of 8: 3 and 2 tokens. */
  private static final long TOKENS = TinyTuning.ROWS * 5L;

  @TempDir Path home;
  private TinyTuning tiny;

  @BeforeEach
  void start() throws Exception {
    tiny = new TinyTuning(home);
  }

  @AfterEach
  void stop() throws Exception {
    tiny.close();
  }

  @Test
  void aTrainingFileAJobAndItsResultsMakeAnArtifact() throws Exception {
    Stage stage =
        tiny.stage(
            tiny.plan(
                "\"epochs\": 2, \"batchSize\": 4, \"learningRateMultiplier\": 0.5, \"suffix\":"
                    + " \"owls\""));
    StageResult result = tiny.perform(stage);

    String training = tiny.file(stage, "training.jsonl");
    assertThat(training.lines()).hasSize(TinyTuning.ROWS);
    assertThat(training)
        .startsWith(
            "{\"messages\":[{\"role\":\"user\",\"content\":\"question 000\"},"
                + "{\"role\":\"assistant\",\"content\":\"\\\"ä\\\" 0000\"}]}\n");
    assertThat(tiny.files()).hasSize(1);
    assertThat(tiny.jobs()).hasSize(1);
    JsonNode file = tiny.files().getFirst();
    JsonNode request = tiny.jobs().getFirst().get("request");
    String tag = request.at("/metadata/inkling").asText();
    assertThat(tag).hasSize(32);
    assertThat(file.get("name").asText()).isEqualTo("inkling-" + tag + ".jsonl");
    assertThat(file.get("sha256").asText())
        .isEqualTo(tiny.artifact(stage).manifest().files().get("training.jsonl").sha256());
    assertThat(request.get("training_file")).isEqualTo(file.get("id"));
    assertThat(request.get("model").asText()).isEqualTo("gpt-4.1-mini");
    assertThat(request.get("suffix").asText()).isEqualTo("owls-" + tag.substring(0, 12));
    assertThat(request.get("seed").asLong()).isEqualTo(7);
    assertThat(request.at("/method"))
        .isEqualTo(
            JSON.readTree(
                """
                {"type": "supervised", "supervised": {"hyperparameters":
                  {"n_epochs": 2, "batch_size": 4, "learning_rate_multiplier": 0.5}}}
                """));

    // 12 rows in batches of 4, twice: 6 steps; the provider's loss is 2 exp(-2 step / 6).
    assertThat(tiny.file(stage, "loss.csv"))
        .isEqualTo("step,loss\n1,1.43306\n2,1.02683\n3,0.73576\n4,0.52719\n5,0.37775\n6,0.27067\n");
    assertThat(tiny.file(stage, "metrics.csv"))
        .startsWith("step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n1,1.4330")
        .endsWith("6,0.27067,0.5,,\n");
    List<String> events = tiny.file(stage, "events.jsonl").lines().toList();
    assertThat(events).hasSize(9);
    assertThat(events.getFirst()).contains("Created fine-tuning job");
    assertThat(events.getLast()).contains("The job has ended: succeeded");
    assertThat(JSON.readTree(tiny.file(stage, "checkpoints.json")).findValuesAsText("step_number"))
        .containsExactly("3", "6");
    JobFile job = JobFile.read(tiny.artifact(stage));
    assertThat(job.model()).startsWith("ft:gpt-4.1-mini:inkling:owls-" + tag.substring(0, 12));
    assertThat(job.trainedTokens()).contains(2 * TOKENS);
    assertThat(job.rows()).isEqualTo(TinyTuning.ROWS);
    assertThat(job.epochs()).contains(2);
    assertThat(job.batchSize()).contains(4);
    assertThat(job.seed()).contains(7L);
    assertThat(job.file()).isEqualTo(file.get("id").asText());

    assertThat(result.spend().orElseThrow().inputTokens()).isEqualTo(2 * TOKENS);
    // $5 for a million tokens.
    assertThat(result.spend().orElseThrow().usd().orElseThrow())
        .isCloseTo(2 * TOKENS * 5e-6, Offset.offset(1e-12));
    assertThat(result.summary())
        .isEqualTo(
            job.model()
                + ": gpt-4.1-mini fine-tuned on 12 rows, 2 epochs, 120 tokens, $0.00, final loss"
                + " 0.271");
  }

  @Test
  void whatIsLeftOutTheProviderChooses() throws Exception {
    Stage stage = tiny.stage(tiny.plan(""));
    tiny.perform(stage);
    JsonNode request = tiny.jobs().getFirst().get("request");
    assertThat(request.at("/method/supervised/hyperparameters").size()).isZero();
    assertThat(request.get("suffix").asText()).startsWith("inkling-");
    assertThat(JobFile.read(tiny.artifact(stage)).epochs()).contains(3);
    assertThat(JobFile.read(tiny.artifact(stage)).learningRateMultiplier()).contains(1.8);
  }

  @Test
  void tooManyRowsAreDrawnByTheSeedAndStayInOrder() throws Exception {
    tiny.write(TinyTuning.rows(60));
    List<List<String>> drawn = new ArrayList<>();
    for (String seed : List.of("", ", \"suffix\": \"again\"")) {
      Stage stage = tiny.stage(tiny.plan("\"maxRows\": 20" + seed));
      tiny.perform(stage);
      drawn.add(tiny.file(stage, "training.jsonl").lines().toList());
    }
    assertThat(drawn.getFirst()).hasSize(20).isSorted().doesNotHaveDuplicates();
    assertThat(drawn.get(1)).isEqualTo(drawn.getFirst());
    // Not the first ones: that would be one draw in 4e15.
    assertThat(drawn.getFirst().getLast()).doesNotContain("question 019");
  }

  @Test
  void anotherSeedDrawsOtherRows() throws Exception {
    Path rows = Files.writeString(home.resolve("all.jsonl"), TinyTuning.rows(60));
    List<String> texts = new ArrayList<>();
    for (long seed : List.of(1L, 2L, 1L)) {
      Path file = home.resolve("drawn.jsonl");
      new TrainingRows(rows, Optional.of("You are kind."), Optional.of(15), seed)
          .write(file, Monitor.silent());
      texts.add(Files.readString(file));
    }
    assertThat(texts.get(0)).isEqualTo(texts.get(2)).isNotEqualTo(texts.get(1));
    assertThat(texts.get(0).lines())
        .hasSize(15)
        .allMatch(
            line ->
                line.startsWith(
                    "{\"messages\":[{\"role\":\"system\",\"content\":\"You are kind.\"},"));
  }

  @Test
  void aFileThatWouldBeRefusedIsNotSent() throws Exception {
    tiny.write(TinyTuning.rows(9));
    assertThatThrownBy(() -> tiny.perform(tiny.stage(tiny.plan(""))))
        .isInstanceOfSatisfying(
            ModelException.class,
            e -> assertThat(e.reason()).isEqualTo(ModelException.Reason.REFUSED))
        .hasMessageContaining("9 rows, and at least 10 are needed")
        .hasMessageContaining("Nothing was sent");

    tiny.write(TinyTuning.rows(12) + "{\"prompt\": \"a\", \"completion\": \" \"}\n");
    assertThatThrownBy(() -> tiny.perform(tiny.stage(tiny.plan(""))))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("nothing to say for the assistant in row 13")
        .hasMessageContaining("{type: complete}");

    tiny.write("");
    assertThatThrownBy(() -> tiny.perform(tiny.stage(tiny.plan(""))))
        .isInstanceOf(EmptyDatasetException.class);
    assertThat(tiny.files()).isEmpty();
  }

  @Test
  void theChecksReadTheFileAsItWillBeSent() throws Exception {
    Path file = home.resolve("training.jsonl");
    String chat =
        "{\"messages\":[{\"role\":\"%s\",\"content\":\"%s\"},{\"role\":\"assistant\",\"content\":\"b\"}]}\n";
    Files.writeString(file, chat.formatted("user", "a".repeat(399)).repeat(10));
    TrainingChecks checks = TrainingChecks.of(file, Monitor.silent());
    assertThat(checks).isEqualTo(new TrainingChecks(10, 1000, 100));
    assertThat(checks.warning()).isEmpty();

    Files.writeString(file, chat.formatted("user", "a".repeat(300_000)).repeat(10));
    assertThat(TrainingChecks.of(file, Monitor.silent()).warning().orElseThrow())
        .contains("75,001 tokens");
    Files.writeString(file, chat.formatted("robot", "a").repeat(10));
    assertThatThrownBy(() -> TrainingChecks.of(file, Monitor.silent()))
        .hasMessageContaining("[robot, assistant]");
    Files.writeString(file, chat.formatted("user", "a").repeat(50_001));
    assertThatThrownBy(() -> TrainingChecks.of(file, Monitor.silent()))
        .hasMessageContaining("50,001 rows")
        .hasMessageContaining("maxRows");
  }

  @Test
  void aBudgetStopsBeforeTheJobIsMadeAndALargerOneGoesOnFromThere() throws Exception {
    Stage stage = tiny.stage(tiny.plan("\"epochs\": 4"));
    Caller poor = TinyTuning.allowed(new Budget(Optional.of(1.0), Optional.of(4 * TOKENS - 1)));
    BudgetExceededException parked =
        catchThrowableOfType(BudgetExceededException.class, () -> tiny.perform(stage, poor));
    assertThat(parked)
        .hasMessageContaining("240 tokens")
        .hasMessageContaining("$1.00 and 239 tokens")
        .hasMessageContaining("No job was created");
    assertThat(parked.spend().tokens()).isZero();
    Caller poorInDollars =
        TinyTuning.allowed(new Budget(Optional.of(4 * TOKENS * 5e-6 * 0.99), Optional.empty()));
    assertThatThrownBy(() -> tiny.perform(stage, poorInDollars))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(tiny.jobs()).isEmpty();

    tiny.perform(stage, TinyTuning.allowed(new Budget(Optional.of(1.0), Optional.of(4 * TOKENS))));
    assertThat(tiny.jobs()).hasSize(1);
    assertThat(tiny.files()).hasSize(1);
  }

  @Test
  void theEstimateKnowsTrainingAndThePriceOfTheModelThatComesOfIt() throws Exception {
    tiny.write(TinyTuning.rows(60));
    Plan plan = tiny.plan("\"maxRows\": 20");
    List<Estimate> estimates = Estimates.of(plan, _ -> false, Prices.bundled());
    Estimate training =
        estimates.stream()
            .filter(e -> e.stage().task() instanceof Task.FinetuneHosted)
            .findFirst()
            .orElseThrow();
    assertThat(training.inputTokens()).isEqualTo(20 * 5 * 3);
    assertThat(training.usd().orElseThrow()).isCloseTo(300 * 5e-6, Offset.offset(1e-12));
    Estimate asking =
        estimates.stream()
            .filter(e -> e.stage().task() instanceof Task.Answers)
            .findFirst()
            .orElseThrow();
    // $0.80 and $3.20 for a million tokens, twice what the base costs.
    assertThat(asking.usd().orElseThrow())
        .isCloseTo(
            asking.inputTokens() * 0.8e-6 + asking.outputTokens() * 3.2e-6, Offset.offset(1e-12));
  }

  @Test
  void aKeyThatMayNotFineTuneIsRefusedBeforeAnythingIsPaid() throws Exception {
    Plan plan = tiny.plan("");
    assertThat(tiny.models.preflight(plan)).isEmpty();
    tiny.provider.behave("{\"fineTuningClosed\": true}");
    assertThatThrownBy(() -> tiny.models.preflight(plan))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("'gpt-4.1-mini' cannot be fine-tuned with this key")
        .hasMessageContaining("Fine-tuning is closed to new organizations");
    assertThat(tiny.files()).isEmpty();
  }

  @Test
  void aResultThatComesLateIsWaitedForAndOneWithoutATableComesFromTheEvents() throws Exception {
    tiny.provider.behave(
        "{\"training\": {\"runningMs\": 100, \"wholeMs\": 600, \"withoutMetadata\": true}}");
    Stage late = tiny.stage(tiny.plan("\"epochs\": 1, \"batchSize\": 6"));
    tiny.perform(late);
    assertThat(tiny.file(late, "loss.csv")).isEqualTo("step,loss\n1,0.73576\n2,0.27067\n");

    tiny.provider.behave("{\"training\": {\"runningMs\": 100, \"withoutResults\": true}}");
    Stage bare = tiny.stage(tiny.plan("\"epochs\": 1, \"batchSize\": 6, \"suffix\": \"bare\""));
    tiny.perform(bare);
    assertThat(tiny.file(bare, "loss.csv")).isEqualTo(tiny.file(late, "loss.csv"));
    assertThat(tiny.artifact(bare).manifest().files()).doesNotContainKey("metrics.csv");
  }

  @Test
  void eachLookSaysHowFarTheJobIs() throws Exception {
    tiny.provider.behave(
        "{\"filing\": {\"processMs\": 1500}, \"training\": {\"validatingMs\": 1500, \"queuedMs\":"
            + " 1500, \"runningMs\": 2500}}");
    Stage stage = tiny.stage(tiny.plan("\"batchSize\": 1, \"epochs\": 2"));
    List<String> said = new ArrayList<>();
    for (int look = 0; tiny.store().find(stage.key()).isEmpty(); look++) {
      assertThat(look).isLessThan(400);
      try {
        tiny.look(stage, TinyTuning.caller("test", "first run"));
      } catch (LaterException e) {
        said.add(String.valueOf(e.getMessage()));
        assertThat(e.delay()).hasSeconds(1);
        Thread.sleep(50);
      }
    }
    assertThat(said)
        .anyMatch(s -> s.contains("processes the training file inkling-"))
        .anyMatch(s -> s.contains("for 'tuned' looks at its training file"))
        .anyMatch(s -> s.matches(".*is queued, for \\d s now\\."))
        .anyMatch(s -> s.matches(".*is running.*: step \\d+ of 24, loss \\d\\.\\d{3}\\."));
  }

  @Test
  void looksGetRarerWithTheJobsAge() {
    assertThat(NextLook.after(Duration.ofSeconds(3), FinetuneHosted.LONGEST_LOOK)).hasSeconds(1);
    assertThat(NextLook.after(Duration.ofMinutes(5), FinetuneHosted.LONGEST_LOOK)).hasSeconds(15);
    assertThat(NextLook.after(Duration.ofHours(30), FinetuneHosted.LONGEST_LOOK)).hasSeconds(60);
  }
}
