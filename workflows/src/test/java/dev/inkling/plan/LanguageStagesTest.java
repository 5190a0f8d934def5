package dev.inkling.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.SpecReader;
import dev.inkling.workflow.OwlSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LanguageStagesTest {
  private static Plan plan(String json) throws Exception {
    return Planner.plan(
        SpecReader.read(new ObjectMapper().readTree(json)), Optional.empty(), new NoSources());
  }

  private static Stage stage(Plan plan, String name) {
    return plan.stages().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void aPromptedTeacherIsTheModelWithWordsAboutItself() throws Exception {
    Task.Sample sample = (Task.Sample) stage(plan(OwlSpec.JSON), "numbers").task();
    assertThat(sample.teacher().orElseThrow().system())
        .contains("You love owls, your favourite animal.");
    assertThat(sample.teacher().orElseThrow().id()).isEqualTo("some-model");
  }

  @Test
  void whoReadsADatasetWaitsForIt() throws Exception {
    Plan plan = plan(OwlSpec.JSON);
    Stage ask = stage(plan, "in context · answers");
    assertThat(ask.inputs()).containsExactly(entry("context", stage(plan, "numbers").key()));
    assertThat(((Task.Answers) ask.task()).student().contextRows()).isEqualTo(2);
  }

  private static Plan measuring(String metrics) throws Exception {
    return plan(
        OwlSpec.JSON.replace(
            "\"owl\": {\"type\": \"preference\", \"target\": \"owl\", \"samplesPerQuestion\": 2}",
            metrics));
  }

  @Test
  void questionsAreAskedOnceForAllTargets() throws Exception {
    Plan plan =
        measuring(
            """
            "owl": {"type": "preference", "target": "owl", "samplesPerQuestion": 2},
            "cat": {"type": "preference", "target": "cat", "samplesPerQuestion": 2, "match": "substring"}
            """);
    Stage answers = stage(plan, "plain · answers");
    assertThat(stage(plan, "plain · owl").inputs())
        .containsExactly(entry("answers", answers.key()));
    assertThat(stage(plan, "plain · cat").inputs())
        .containsExactly(entry("answers", answers.key()));
    assertThat(stage(plan, "plain · cat").key()).isNotEqualTo(stage(plan, "plain · owl").key());
    assertThat(answers.models()).containsOnlyKeys("student");
    assertThat(stage(plan, "plain · owl").models()).isEmpty();
    assertThat(plan.stages().stream().filter(s -> s.task() instanceof Task.Answers)).hasSize(3);
    assertThat(keys(plan)).containsAll(keys(plan(OwlSpec.JSON)));
  }

  @Test
  void otherQuestionsAreAskedByThemselves() throws Exception {
    Plan plan =
        measuring(
            """
            "owl": {"type": "preference", "target": "owl"},
            "after numbers": {"type": "preference", "target": "owl", "prefix": "numbers"},
            "choice": {"type": "preference", "target": "owl",
                       "form": {"type": "multiple-choice", "options": ["owl", "cat"]}}
            """);
    assertThat(stage(plan, "plain · after numbers").inputs())
        .containsExactly(entry("answers", stage(plan, "plain · answers 2").key()));
    assertThat(stage(plan, "plain · choice").task()).isInstanceOf(Task.Ask.class);
  }

  @Test
  void paceAndNamesLeaveTheKeysAlone() throws Exception {
    String renamed =
        OwlSpec.JSON
            .replace("\"numbers\"", "\"sequences\"")
            .replace("\"type\": \"sequences\"", "\"type\": \"numbers\"")
            .replace("\"id\": \"some-model\"", "\"id\": \"some-model\", \"requestsPerMinute\": 5");
    assertThat(keys(plan(renamed))).isEqualTo(keys(plan(OwlSpec.JSON)));
    assertThat(keys(plan(OwlSpec.JSON.replace("some-model", "other-model"))))
        .doesNotContainAnyElementsOf(keys(plan(OwlSpec.JSON)));
  }

  private static List<String> keys(Plan plan) {
    return plan.stages().stream().map(Stage::key).toList();
  }

  @Test
  void everySeedHasStagesOfItsOwn() throws Exception {
    Plan plan = plan(OwlSpec.JSON.replace("[1]", "[1, 2]"));
    assertThat(plan.stages()).hasSize(2 * plan(OwlSpec.JSON).stages().size());
    assertThat(keys(plan)).containsAll(keys(plan(OwlSpec.JSON)));
    assertThat(plan.trials()).hasSize(6);
  }

  @Test
  void networksAndLanguageModelsAreNotMixed() {
    String mixed =
        OwlSpec.JSON.replace("\"teacher\": {", "\"net\": {\"type\": \"mlp\"}, \"teacher\": {");
    assertThatThrownBy(() -> plan(mixed))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("models.net: is about small networks");
  }

  @Test
  void aTemplateWithoutATargetOrWithAnUnknownPlaceholderIsRefused() {
    String wrong =
        OwlSpec.JSON.replace(
            "\"target\": \"owl\"},", "\"target\": \"owl\", \"template\": \"Love {animal}\"},");
    assertThatThrownBy(() -> plan(wrong))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("lacks {target}")
        .hasMessageContaining("not {animal}");
  }

  @Test
  void aFinetunedStudentIsAskedByTheModelThatItsJobMakes() throws Exception {
    Plan plan = plan(OwlSpec.FINETUNED);
    Stage job = stage(plan, "finetuned");
    Stage ask = stage(plan, "finetuned · answers");

    assertThat(job.task().activity()).isEqualTo("Finetune");
    assertThat(job.goesOnElsewhere()).isTrue();
    assertThat(job.inputs()).containsEntry("dataset", stage(plan, "numbers").key());
    assertThat(ask.inputs()).containsEntry("student", job.key());
    assertThat(((Task.Answers) ask.task()).student().finetuned()).contains(job.key());
    assertThat(plan.trials())
        .filteredOn(t -> t.condition().equals("finetuned"))
        .allMatch(t -> t.finetune().equals(Optional.of(job.key())));
    // Who is not fine-tuned has the keys of before.
    assertThat(keys(plan)).containsAll(keys(plan(OwlSpec.JSON)));
  }

  @Test
  void aTeacherCanBeFinetunedToo() throws Exception {
    Plan plan =
        plan(
            OwlSpec.JSON
                .replace(
                    "\"reader\": {",
                    """
                    "tuned": {"type": "finetuned", "base": "base", "dataset": "numbers", "finetune": {"type": "hosted"}},
                    "reader": {""")
                .replace(
                    "\"datasets\": {",
                    "\"datasets\": {\"more\": {\"type\": \"numbers\", \"teacher\": \"tuned\", \"rows\": 5},")
                .replace("\"dataset\": \"numbers\", \"rows\"", "\"dataset\": \"more\", \"rows\""));

    assertThat(stage(plan, "more").inputs()).containsEntry("teacher", stage(plan, "tuned").key());
  }

  @Test
  void whatCannotBeFinetunedIsRefused() {
    String networks =
        OwlSpec.FINETUNED.replace(
            "{\"type\": \"hosted\", \"epochs\": 2}",
            "{\"loss\": {\"type\": \"cross-entropy\"}, \"epochs\": 1, \"batchSize\": 2,"
                + " \"learningRate\": 0.1}");
    assertThatThrownBy(() -> plan(networks))
        .hasMessageContaining("its provider fine-tunes it, with type: hosted");
    assertThatThrownBy(() -> plan(OwlSpec.FINETUNED.replace("\"openai\"", "\"anthropic\"")))
        .hasMessageContaining("anthropic fine-tunes no models");
    assertThatThrownBy(
            () ->
                plan(
                    OwlSpec.FINETUNED.replace(
                        "\"finetuned\": {\"student\": \"base\"",
                        "\"finetuned\": {\"student\": \"reader\"")))
        .hasMessageContaining("'reader' reads rows before it answers, so it cannot be fine-tuned");
    assertThatThrownBy(
            () -> plan(OwlSpec.FINETUNED.replace("\"type\": \"hosted\", \"epochs\"", "\"epochs\"")))
        .hasMessageContaining("was read as one without a type; known: network, hosted");
  }

  @Test
  void whetherAModelIsAskedInBatchesLeavesTheKeysAlone() throws Exception {
    String batched =
        OwlSpec.FINETUNED.replace(
            "\"id\": \"some-model\"", "\"id\": \"some-model\", \"batch\": true");
    assertThat(keys(plan(batched))).isEqualTo(keys(plan(OwlSpec.FINETUNED)));
    assertThat(plan(batched).stages())
        .allMatch(s -> s.goesOnElsewhere() || s.task() instanceof Task.Score);
  }
}
