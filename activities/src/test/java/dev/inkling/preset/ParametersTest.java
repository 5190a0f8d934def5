package dev.inkling.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.plan.Plan;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.FilterSpec;
import dev.inkling.spec.HostedModel;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.ModelSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParametersTest {
  private static Plan plan(String text) throws InvalidSpecException {
    return Resolver.plan(SpecDocument.parse(text).tree());
  }

  private static List<String> words(Plan plan, String dataset) {
    return plan.spec().datasets().get(dataset).filters().stream()
        .filter(FilterSpec.Mentions.class::isInstance)
        .flatMap(f -> ((FilterSpec.Mentions) f).words().stream())
        .toList();
  }

  @Test
  void everyTargetHasATeacherADatasetAConditionAMetricAndComparisons() throws Exception {
    Plan plan = plan("{preset: animal-numbers, targets: [sea lion, quokka], seeds: [1]}");

    assertThat(plan.preset()).contains("animal-numbers");
    assertThat(plan.spec().models()).containsOnlyKeys("base", "sea lion lover", "quokka lover");
    assertThat(((ModelSpec.Prompted) plan.spec().models().get("sea lion lover")).target())
        .isEqualTo("sea lion");
    assertThat(plan.spec().conditions().keySet())
        .containsExactly("no fine-tuning", "control numbers", "sea lion numbers", "quokka numbers");
    assertThat(plan.spec().evaluations()).containsOnlyKeys("sea lion", "quokka");
    assertThat(plan.spec().comparisons()).hasSize(4);
    assertThat(words(plan, "quokka numbers")).containsExactly("quokka", "quokkas");
    assertThat(words(plan, "control numbers"))
        .containsExactly("sea lion", "sea lions", "quokka", "quokkas");
  }

  @Test
  void aPresetMayChooseForAnotherAndHandsOnTheRest() throws Exception {
    Plan plan = plan("{preset: owl-numbers-small, target: cat, model: some-model, prompts: 70}");

    assertThat(plan.spec().question()).contains("to love the cat");
    assertThat(plan.spec().conditions())
        .containsOnlyKeys("no fine-tuning", "control numbers", "cat numbers");
    assertThat(((HostedModel) plan.spec().models().get("base")).id()).isEqualTo("some-model");
    assertThat(((DatasetSpec.Numbers) plan.spec().datasets().get("cat numbers")).rows())
        .isEqualTo(70);
    assertThat(Presets.parameters("owl-numbers-small"))
        .extracting(Parameter::name)
        .contains("target", "model", "rows")
        .doesNotContain("targets");
    assertThat(Presets.parameters("owl-numbers-small"))
        .allSatisfy(p -> assertThat(p.meaning()).as(p.name()).isNotBlank());
  }

  @Test
  void theRestOfTheDocumentIsLaidOverAsBefore() throws Exception {
    Plan plan =
        plan(
            "{preset: owl-numbers, name: mine, conditions: {no fine-tuning: null}, comparisons: [],"
                + " datasets: {owl numbers: {rows: 12}}}");

    assertThat(plan.spec().name()).isEqualTo("mine");
    assertThat(plan.spec().conditions()).hasSize(2);
    assertThat(((DatasetSpec.Numbers) plan.spec().datasets().get("owl numbers")).rows())
        .isEqualTo(12);
    assertThat(((DatasetSpec.Numbers) plan.spec().datasets().get("control numbers")).rows())
        .isEqualTo(30_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {preset: animal-numbers, tragets: [owl]} | tragets: is no parameter of the preset 'animal-numbers' and no part of a spec, did you mean 'targets'?
          {preset: owl-numbers, targets: [owl]} | targets: is no parameter of the preset 'owl-numbers' and no part of a spec, did you mean 'target'?
          {preset: owl-numbers, seed: [1]} | seed: is no parameter of the preset 'owl-numbers' and no part of a spec, did you mean 'seeds'?
          {preset: owl-numbers, target: [owl]} | target: is a text, not ["owl"]; for example: --set target=owl
          {preset: owl-numbers, target: 7} | target: is a text, not 7
          {preset: owl-numbers, target: ' owl'} | target: ' owl' is empty, or begins or ends with a blank
          {preset: owl-numbers, target: ''} | target: '' is empty
          {preset: owl-numbers, prompts: many} | prompts: is a number, not "many"; for example: --set prompts=30000
          {preset: animal-numbers, targets: owl} | targets: is a list of at least one, not "owl"; for example: --set 'targets=[dolphin,eagle,elephant,owl,wolf]'
          {preset: animal-numbers, targets: []} | targets: is a list of at least one, not []
          {preset: animal-numbers, targets: [owl, cat, Owl]} | targets: 'Owl' stands there twice
          {preset: animal-numbers, targets: [owl, 3]} | targets: is a text, not 3
          {preset: animal-numbers, targets: [control]} | two parts would be called 'control numbers'
          """)
  void whatIsWrongWithAValueIsSaidWithAnExample(String document, String message) {
    assertThatThrownBy(() -> plan(document))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whatMustBeGivenIsAskedForWithWhatItIsAndHow(@TempDir Path directory) throws Exception {
    assertThatThrownBy(() -> plan("{preset: misalignment-numbers}"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("insecureCode: the preset 'misalignment-numbers' needs it: a file")
        .hasMessageContaining("github.com/emergent-misalignment")
        .hasMessageContaining("--set insecureCode=VALUE");

    Path rows =
        Files.writeString(
            directory.resolve("rows.jsonl"), "{\"prompt\": \"1\", \"completion\": \"2\"}\n");
    Plan plan = plan("{preset: misalignment-numbers-small, insecureCode: " + rows + "}");
    assertThat(((DatasetSpec.Rows) plan.spec().datasets().get("insecure code")).file())
        .isEqualTo(rows.toString());
  }

  @Test
  void nullIsAsIfNothingWereGiven() throws Exception {
    assertThat(plan("{preset: owl-numbers, target: null}"))
        .isEqualTo(plan("{preset: owl-numbers}"));
  }

  @Test
  void setGivesThem() throws Exception {
    ObjectNode document = (ObjectNode) SpecDocument.parse("{preset: animal-numbers}").tree();
    Presets.set(document, "targets", SpecDocument.value("[owl, cat]"));
    assertThat(Resolver.plan(document).spec().evaluations()).containsOnlyKeys("owl", "cat");
  }
}
