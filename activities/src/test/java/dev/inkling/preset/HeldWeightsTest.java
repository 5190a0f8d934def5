package dev.inkling.preset;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.OpenModel;
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
  void aHostedModelStaysWhatItIs() throws Exception {
    ObjectNode document = document("{preset: owl-numbers}");

    assertThat(document.at("/models/base/type").textValue()).isEqualTo("hosted");
    assertThat(document.at("/conditions/owl numbers/finetune/type").textValue())
        .isEqualTo("hosted");
  }
}
