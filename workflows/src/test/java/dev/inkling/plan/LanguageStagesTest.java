package dev.inkling.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    Stage ask = stage(plan, "in context · owl");
    assertThat(ask.inputs())
        .containsExactly(java.util.Map.entry("context", stage(plan, "numbers").key()));
    assertThat(((Task.Ask) ask.task()).student().contextRows()).isEqualTo(2);
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
}
