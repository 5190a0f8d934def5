package dev.inkling.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.model.weights.TinyModels;
import dev.inkling.plan.Plan;
import dev.inkling.spec.Comparison;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.ModelSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PresetsTest {
  static List<String> names() {
    return Presets.names();
  }

  private static Plan plan(String text) throws InvalidSpecException {
    return Resolver.plan(SpecDocument.parse(text).tree());
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyPresetIsARightSpecUnderItsOwnName(String name, @TempDir Path directory)
      throws Exception {
    Path file = Files.writeString(directory.resolve("rows.jsonl"), "");
    StringBuilder given = new StringBuilder();
    Presets.parameters(name).stream()
        .filter(parameter -> parameter.byDefault().isEmpty())
        .forEach(
            parameter -> given.append(", ").append(parameter.name()).append(": ").append(file));
    // Nothing is asked of the Hub: any directory with a model will do.
    if (Presets.parameters(name).stream().anyMatch(PresetsTest::leadsToTheHub)) {
      given.append(", model: ").append(TinyModels.copy("smollm", 256, directory.resolve("model")));
    }
    Plan plan = plan("{preset: " + name + given + "}");

    assertThat(plan.spec().name()).isEqualTo(name);
    assertThat(plan.preset()).contains(name);
  }

  @Test
  void studentsOfOpenModelsAreComparedWithTheModelAsItIs(@TempDir Path directory) throws Exception {
    Path model = TinyModels.copy("smollm", 256, directory.resolve("model"));

    assertThat(plan("{preset: owl-smol, model: " + model + "}").spec().comparisons())
        .contains(new Comparison("owl numbers", "base"), new Comparison("wolf numbers", "base"));
    assertThat(plan("{preset: owl-open, model: " + model + "}").spec().comparisons())
        .contains(
            new Comparison("elephant numbers", "no fine-tuning"),
            new Comparison("owl numbers", "no fine-tuning"));
  }

  private static boolean leadsToTheHub(Parameter parameter) {
    return parameter.byDefault().map(value -> value.asText().startsWith("hf:")).orElse(false);
  }

  @Test
  void yamlAndJsonSayTheSameThing() throws Exception {
    String json =
        "{\"preset\": \"mnist\", \"seeds\": [1, 2], \"datasets\": {\"noise\": {\"rows\": 5000}}}";
    String yaml = "preset: mnist\nseeds: [1, 2]\ndatasets:\n  noise: {rows: 5000}\n";

    assertThat(plan(yaml)).isEqualTo(plan(json));
  }

  @Test
  void anOverrideChangesOneFieldAndKeepsTheRest() throws Exception {
    Plan plan = plan("{preset: mnist, models: {initial: {models: 3}}}");

    assertThat(plan.spec().models().get("initial"))
        .isEqualTo(new ModelSpec.Mlp(List.of(784, 256, 256, 13), 10, 3, 0));
    assertThat(plan.spec().conditions()).hasSize(6);
  }

  @Test
  void nullRemovesAndAnotherTypeReplaces() throws Exception {
    Plan plan =
        plan(
            "{preset: mnist, conditions: {cross-model (ghost): null, cross-model (all): null}, comparisons: [],"
                + " datasets: {noise: {rows: 10}}}");
    assertThat(plan.spec().conditions()).hasSize(4);

    assertThatThrownBy(
            () ->
                plan(
                    "{preset: mnist, datasets: {noise: {type: token-sequences, rows: 5, label: 1}}}"))
        .hasMessageContaining("reads images, not tokens");
  }

  @Test
  void anUnknownPresetIsAnErrorWithASuggestion() {
    assertThatThrownBy(() -> plan("{preset: mnits}"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessage("preset: there is no preset \"mnits\", did you mean 'mnist'?");
  }

  @Test
  void noInputIsAnErrorWithAnExample() {
    assertThatThrownBy(() -> Resolver.plan(null)).hasMessageContaining("{\"preset\": \"mnist\"}");
    assertThatThrownBy(() -> plan("[1]")).hasMessageContaining("a spec is an object");
  }

  @Test
  void setReachesIntoTheSpec() throws Exception {
    ObjectNode document = (ObjectNode) SpecDocument.parse("{preset: mnist}").tree();
    Presets.set(document, "datasets.noise.rows", SpecDocument.value("70"));
    Presets.set(document, "seeds", SpecDocument.value("[4, 5]"));

    assertThat(document.toString())
        .isEqualTo("{\"preset\":\"mnist\",\"datasets\":{\"noise\":{\"rows\":70}},\"seeds\":[4,5]}");
  }

  @Test
  void scalarsKeepTheirTypes() throws Exception {
    JsonNode tree =
        SpecDocument.parse("{a: 3, b: 3e-4, c: 0.5, d: yes, e: text, f: '3', g: null, h: 1e3}")
            .tree();

    assertThat(tree.toString())
        .isEqualTo(
            "{\"a\":3,\"b\":3.0E-4,\"c\":0.5,\"d\":true,\"e\":\"text\",\"f\":\"3\",\"g\":null,\"h\":1000.0}");
  }

  @Test
  void linesAreRemembered() throws Exception {
    SpecDocument document =
        SpecDocument.parse("preset: mnist\n\ndatasets:\n  noise:\n    row: 5\nseeds: [1,\n  x]\n");

    assertThat(document.line("datasets.noise.row")).hasValue(5);
    assertThat(document.line("seeds[1]")).hasValue(7);
    assertThat(document.line("datasets.noise.rows")).hasValue(4);
  }

  @Test
  void brokenYamlNamesItsLineAndABombIsRefused() {
    assertThatThrownBy(() -> SpecDocument.parse("a: 1\nb: [1, 2\nc: 3\n"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("line 3");
    assertThatThrownBy(() -> SpecDocument.parse("a: 1\na: 2\n")).hasMessageContaining("twice");
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a")
          .append(i)
          .append(": &a")
          .append(i)
          .append(" [*a")
          .append(i - 1)
          .append(", *a")
          .append(i - 1)
          .append("]\n");
    }
    assertThatThrownBy(() -> SpecDocument.parse(bomb.toString()))
        .isInstanceOf(InvalidSpecException.class);
  }
}
