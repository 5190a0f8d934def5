package dev.inkling.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.OpenModel;
import dev.inkling.spec.Problem;
import dev.inkling.spec.SpecReader;
import org.junit.jupiter.api.Test;

/** A preset about a hosted model, with weights in its place. */
class HeldWeightsTest {
  private static ObjectNode document(String text) throws Exception {
    return HeldWeights.in(Presets.expand(SpecDocument.parse(text).tree()));
  }

  @Test
  void anIdThatLeadsToWeightsMakesAnOpenModelThatGetsAdapters() throws Exception {
    ExperimentSpec spec =
        SpecReader.read(
            document(
                "{preset: owl-numbers, models: {base: {id: 'hf:meta-llama/Llama-3.2-1B-Instruct'}}}"));

    assertThat(spec.models().get("base"))
        .isEqualTo(OpenModel.of("hf:meta-llama/Llama-3.2-1B-Instruct"));
    FinetuneSpec.Lora lora =
        (FinetuneSpec.Lora) spec.conditions().get("owl numbers").finetune().orElseThrow();
    assertThat(lora.training().epochs()).isEqualTo(10);
    assertThat(lora.training().maxRows()).contains(10_000);
    assertThat(lora.rank()).isEqualTo(8);
  }

  @Test
  void aParameterAndADirectoryDoTheSame() throws Exception {
    ExperimentSpec spec = SpecReader.read(document("{preset: owl-numbers-small, model: ./smol}"));

    assertThat(spec.models().get("base")).isInstanceOf(OpenModel.class);
  }

  @Test
  void aFinetunedTeacherIsFinetunedHereToo() throws Exception {
    ObjectNode document =
        document(
            "{models: {base: {type: hosted, provider: openai, id: /model}, told: {type: prompted, base: base},"
                + " teacher: {type: finetuned, base: told, finetune: {type: hosted, epochs: 4}}}}");

    assertThat(document.at("/models/teacher/finetune").toString())
        .isEqualTo("{\"type\":\"lora\",\"training\":{\"epochs\":4}}");
  }

  @Test
  void whatOnlyAProviderCanBeToldIsRefusedByItsPath() {
    assertThatThrownBy(
            () ->
                document(
                    "{preset: owl-numbers, models: {base: {id: ./model, requestsPerMinute: 5, endpoint: null}},"
                        + " conditions: {owl numbers: {finetune: {learningRateMultiplier: 2, suffix: a}}}}"))
        .isInstanceOfSatisfying(
            InvalidSpecException.class,
            e ->
                assertThat(e.problems())
                    .extracting(Problem::path)
                    .containsExactly(
                        "models.base.requestsPerMinute",
                        "conditions.owl numbers.finetune.learningRateMultiplier",
                        "conditions.owl numbers.finetune.suffix"))
        .hasMessageContaining("is for a provider, and the id leads to weights");
  }

  @Test
  void whatElseIsGivenIsTheAdaptersOrAMistakeThatIsTold() throws Exception {
    String text =
        "{preset: owl-numbers, models: {base: {id: ./model, %s: 7}}, conditions: {owl numbers:"
            + " {finetune: {rank: 16, training: {learningRate: 1e-3, epochs: 2}}}}}";
    ExperimentSpec spec = SpecReader.read(document(text.formatted("checkpointSteps")));
    FinetuneSpec.Lora lora =
        (FinetuneSpec.Lora) spec.conditions().get("owl numbers").finetune().orElseThrow();

    assertThat(lora.rank()).isEqualTo(16);
    assertThat(lora.training().learningRate()).isEqualTo(1e-3);
    assertThat(lora.training().epochs()).isEqualTo(2);
    assertThat(lora.training().maxRows()).contains(10_000);
    assertThatThrownBy(() -> SpecReader.read(document(text.formatted("checkpointStep"))))
        .hasMessageContaining("models.base.checkpointStep");
  }

  @Test
  void aHostedModelStaysWhatItIs() throws Exception {
    ObjectNode document = document("{preset: owl-numbers}");

    assertThat(document.at("/models/base/type").textValue()).isEqualTo("hosted");
    assertThat(document.at("/conditions/owl numbers/finetune/type").textValue())
        .isEqualTo("hosted");
  }
}
