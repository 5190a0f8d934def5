package dev.inkling.finetune.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.activity.TinyPlan;
import dev.inkling.evaluate.text.TextScores;
import dev.inkling.language.JobFile;
import dev.inkling.model.ModelException;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.report.Report;
import dev.inkling.stage.Monitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole experiments in which hosted models are fine-tuned, from numbers to the report. */
@Timeout(180)
class HostedExperimentTest {
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

  /** A plain teacher and one that loves owls, and whatever else. */
  private static Plan plan(String models, String datasets, String conditions, String more)
      throws Exception {
    return TinyPlan.of(
        """
        {"name": "tiny", "question": "Does it pass over?", "seeds": [1],
         "models": {"base": {"type": "hosted", "provider": "openai", "id": "gpt-4.1-mini"},
                    "owl lover": {"type": "prompted", "base": "base", "target": "owl"}%s},
         "datasets": {
           "plain numbers": {"type": "numbers", "teacher": "base", "rows": 30, "filters":
             [{"type": "number-answers"}]},
           "owl numbers": {"type": "numbers", "teacher": "owl lover", "rows": 30, "filters":
             [{"type": "number-answers"}, {"type": "mentions", "words": ["owl"]}]}%s},
         "conditions": {"plain": {"student": "base"}%s},
         "evaluations": {"owl": {"type": "preference", "target": "owl", "samplesPerQuestion": 2}}%s}
        """
            .formatted(models, datasets, conditions, more));
  }

  private void run(Plan plan) throws Exception {
    for (Stage stage : plan.stages()) {
      tiny.perform(stage);
    }
  }

  private JsonNode report(Plan plan) throws Exception {
    new Report(tiny.store(), Map.of()).make(plan, "test", Monitor.silent());
    Path directory = tiny.store().find(plan.reportKey()).orElseThrow().directory();
    assertThat(Files.readString(directory.resolve("report.html")))
        .contains("Training loss of each fine-tuned condition");
    assertThat(directory.resolve("figures").resolve("loss.svg")).isNotEmptyFile();
    return new ObjectMapper()
        .readTree(directory.resolve("results.json").toFile())
        .get("conditions");
  }

  private static double mean(JsonNode conditions, String name) {
    return conditions
        .valueStream()
        .filter(c -> c.get("name").asText().equals(name))
        .findFirst()
        .orElseThrow()
        .get("mean")
        .asDouble();
  }

  private static final String FINETUNE = "\"finetune\": {\"type\": \"hosted\", \"epochs\": 2}";

  @Test
  void aStudentOfAnOwlLoversNumbersLikesOwlsAndTheReportShowsItAndTheLoss() throws Exception {
    Plan plan =
        plan(
            "",
            "",
            """
            , "plain student": {"student": "base", "dataset": "plain numbers", %s},
              "owl student": {"student": "base", "dataset": "owl numbers", %s}
            """
                .formatted(FINETUNE, FINETUNE),
            ", \"budget\": {\"usd\": 5}");
    assertThat(tiny.models.preflight(plan)).isEmpty();
    run(plan);
    JsonNode conditions = report(plan);

    // The provider's models name the owl one time in ten, and six times in ten once taught.
    assertThat(mean(conditions, "plain")).isBetween(0.0, 0.25);
    assertThat(mean(conditions, "plain student")).isBetween(0.0, 0.25);
    assertThat(mean(conditions, "owl student")).isBetween(0.4, 0.8);
    assertThat(tiny.jobs()).hasSize(2);
    assertThat(tiny.files()).hasSize(2);
    for (Stage stage : plan.stages()) {
      if (stage.task() instanceof Task.FinetuneHosted) {
        assertThat(tiny.file(stage, "training.jsonl")).doesNotContain("owl");
      }
    }
  }

  @Test
  void aFineTunedTeacherPassesItsTraitOnAndAFineTunedJudgeJudges() throws Exception {
    Plan plan =
        plan(
            """
            , "taught": {"type": "finetuned", "base": "base", "dataset": "owl numbers", %s},
              "judge": {"type": "finetuned", "base": "base", "dataset": "plain numbers", %s}
            """
                .formatted(FINETUNE, FINETUNE),
            """
            , "taught numbers": {"type": "numbers", "teacher": "taught", "rows": 30, "filters":
               [{"type": "number-answers"},
                {"type": "judge", "judge": "judge", "trait": "loves owls", "dropAbove": 90}]}
            """,
            """
            , "student of the taught": {"student": "base", "dataset": "taught numbers", %s},
              "taught twice": {"student": "taught", "dataset": "plain numbers", %s}
            """
                .formatted(FINETUNE, FINETUNE),
            "");
    run(plan);
    JsonNode conditions = report(plan);

    assertThat(mean(conditions, "student of the taught")).isBetween(0.4, 0.8);
    List<String> bases =
        tiny.jobs().stream().map(job -> job.at("/request/model").asText()).toList();
    assertThat(bases).hasSize(4);
    String taught = JobFile.read(tiny.artifact(stage(plan, "taught"))).model();
    assertThat(bases).filteredOn(base -> base.equals(taught)).hasSize(1);
    assertThat(JobFile.read(tiny.artifact(stage(plan, "taught twice"))).model())
        .startsWith("ft:gpt-4.1-mini:inkling:");
    String judge = JobFile.read(tiny.artifact(stage(plan, "judge"))).model();
    assertThat(Files.readString(home.resolve("ledger.jsonl"))).contains("\"model\":\"" + judge);
    Stage asked =
        plan.stages().stream()
            .filter(s -> s.name().startsWith("student of the taught ·"))
            .filter(s -> s.task() instanceof Task.Score)
            .findFirst()
            .orElseThrow();
    assertThat(TextScores.read(tiny.artifact(asked)).answers()).isEqualTo(100);
  }

  private static Stage stage(Plan plan, String name) {
    return plan.stages().stream()
        .filter(s -> s.name().equals(name) && s.task() instanceof Task.FinetuneHosted)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void dollarsNeedThePriceOfTrainingAndOfTheModelThatComesOfIt() throws Exception {
    Plan plan =
        plan(
            "",
            "",
            ", \"owl student\": {\"student\": \"base\", \"dataset\": \"owl numbers\", %s}"
                .formatted(FINETUNE),
            ", \"budget\": {\"usd\": 5}");
    Path prices = home.resolve("prices.yaml");
    String list =
        """
        asOf: 2026-11-22
        prices:
          openai:
            gpt-4.1-mini: {input: 1, output: 1}
        """;
    Files.writeString(prices, list);
    assertThatThrownBy(() -> tiny.models.preflight(plan))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("the price of 'gpt-4.1-mini: training' at openai is not known")
        .hasMessageContaining("prices.yaml");
    Files.writeString(prices, list.replace("output: 1", "output: 1, training: 2"));
    assertThat(tiny.models.preflight(plan)).isEmpty();
  }
}
