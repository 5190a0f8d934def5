package dev.inkling.model.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.model.weights.ModelConfig.Family;
import dev.inkling.model.weights.ModelConfig.Rope;
import dev.inkling.model.weights.ModelConfig.Scaling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigReaderTest {
  @TempDir Path home;

  @Test
  void everyFamilyIsReadFromWhatTransformersWrites() throws InvalidModelException {
    List<Boolean> global = List.of(false, false);
    List<Boolean> local = List.of(true, true);
    Rope rope = Rope.of(10_000);
    assertThat(family("llama"))
        .isEqualTo(model(Family.LLAMA, 96, 4, 8, false, rope, rope, OptionalInt.empty(), global));
    Rope scaled = new Rope(10_000, Optional.of(new Scaling.Llama3(8, 1, 4, 64)));
    assertThat(family("llama3"))
        .isEqualTo(
            model(Family.LLAMA, 96, 2, 8, false, scaled, scaled, OptionalInt.empty(), global));
    Rope smollm = Rope.of(100_000);
    assertThat(family("smollm"))
        .isEqualTo(
            model(Family.LLAMA, 288, 2, 8, true, smollm, smollm, OptionalInt.empty(), global));
    assertThat(family("mistral"))
        .isEqualTo(model(Family.MISTRAL, 96, 2, 8, false, rope, rope, OptionalInt.of(5), local));
    Rope qwen = Rope.of(1_000_000);
    assertThat(family("qwen2"))
        .isEqualTo(model(Family.QWEN2, 96, 2, 8, true, qwen, qwen, OptionalInt.empty(), global));
    assertThat(family("qwen3"))
        .isEqualTo(model(Family.QWEN3, 96, 2, 16, false, qwen, qwen, OptionalInt.empty(), global));
    ModelConfig gemma = family("gemma3");
    assertThat(gemma.rope()).isEqualTo(new Rope(1e6, Optional.of(new Scaling.Linear(8))));
    assertThat(gemma.localRope()).isEqualTo(rope);
    assertThat(gemma.window()).hasValue(5);
    assertThat(gemma.local()).containsExactly(true, false, true);
    assertThat(gemma.attentionScale()).isCloseTo(0.20412414523193148, within(1e-15));
    assertThat(gemma.tied()).isTrue();
  }

  private static ModelConfig family(String name) throws InvalidModelException {
    return ModelConfigReader.read(Fixtures.directory(name));
  }

  private static ModelConfig model(
      Family family,
      int vocabulary,
      int keyValueHeads,
      int headDimension,
      boolean tied,
      Rope rope,
      Rope localRope,
      OptionalInt window,
      List<Boolean> local) {
    return new ModelConfig(
        family,
        vocabulary,
        32,
        2,
        4,
        keyValueHeads,
        headDimension,
        24,
        1e-5,
        1 / Math.sqrt(headDimension),
        tied,
        256,
        rope,
        localRope,
        window,
        local);
  }

  private ModelConfig edited(String name, Consumer<ObjectNode> change)
      throws IOException, InvalidModelException {
    Path file = home.resolve("config.json");
    Files.deleteIfExists(file);
    Files.copy(Fixtures.directory(name).resolve("config.json"), file);
    Fixtures.edit(file, change);
    return ModelConfigReader.read(home);
  }

  @Test
  void transformersFiveSaysTheSameInRopeParameters() throws IOException, InvalidModelException {
    ModelConfig llama3 =
        edited(
            "llama3",
            c -> {
              c.remove(List.of("rope_theta", "rope_scaling"));
              c.withObject("/rope_parameters")
                  .put("rope_theta", 10000.0)
                  .put("rope_type", "llama3")
                  .put("factor", 8.0)
                  .put("low_freq_factor", 1.0)
                  .put("high_freq_factor", 4.0)
                  .put("original_max_position_embeddings", 64);
            });
    assertThat(llama3).isEqualTo(family("llama3"));
    ModelConfig gemma =
        edited(
            "gemma3",
            c -> {
              c.remove(List.of("rope_theta", "rope_scaling", "rope_local_base_freq"));
              ObjectNode rope = c.withObject("/rope_parameters");
              rope.withObject("/full_attention")
                  .put("rope_theta", 1e6)
                  .put("rope_type", "linear")
                  .put("factor", 8.0);
              rope.withObject("/sliding_attention")
                  .put("rope_theta", 1e4)
                  .put("rope_type", "default");
            });
    assertThat(gemma).isEqualTo(family("gemma3"));
  }

  /** As google/gemma-3-4b-it has it: most values are those of the configuration class. */
  @Test
  void theTextOfAMultimodalGemmaIsReadWithItsDefaults() throws IOException, InvalidModelException {
    Files.writeString(
        home.resolve("config.json"),
        """
        {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3",
         "eos_token_id": [1, 106],
         "text_config": {"hidden_size": 2560, "intermediate_size": 10240,
           "model_type": "gemma3_text", "num_hidden_layers": 34,
           "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window": 1024},
         "vision_config": {"hidden_size": 1152}}
        """);
    ModelConfig config = ModelConfigReader.read(home);
    assertThat(config.heads()).isEqualTo(8);
    assertThat(config.keyValueHeads()).isEqualTo(4);
    assertThat(config.headDimension()).isEqualTo(256);
    assertThat(config.vocabulary()).isEqualTo(262_208);
    assertThat(config.context()).isEqualTo(131_072);
    assertThat(config.window()).hasValue(1024);
    assertThat(config.local().subList(0, 7))
        .containsExactly(true, true, true, true, true, false, true);
    assertThat(Collections.frequency(config.local(), false)).isEqualTo(5);
    assertThat(config.tied()).isTrue();
    assertThat(config.attentionScale()).isEqualTo(1 / 16.0);
  }

  @Test
  void aMistralWithoutAWindowSeesEverything() throws IOException, InvalidModelException {
    ModelConfig config = edited("mistral", c -> c.putNull("sliding_window"));
    assertThat(config.window()).isEmpty();
    assertThat(config.local()).containsExactly(false, false);
    assertThat(edited("mistral", c -> c.remove("sliding_window")).window()).hasValue(4096);
  }

  @Test
  void aQwenLooksThroughAWindowOnlyWhereItSaysSo() throws IOException, InvalidModelException {
    assertThat(edited("qwen2", c -> c.put("sliding_window", 7)).window()).isEmpty();
    ModelConfig config =
        edited(
            "qwen2",
            c -> {
              c.remove("layer_types");
              c.put("use_sliding_window", true)
                  .put("sliding_window", 7)
                  .put("max_window_layers", 1);
            });
    assertThat(config.window()).hasValue(7);
    assertThat(config.local()).containsExactly(false, true);
  }

  @Test
  void theDimensionOfAHeadFollowsFromTheWidthIfItIsLeftOut()
      throws IOException, InvalidModelException {
    ModelConfig config =
        edited("llama", c -> c.remove(List.of("head_dim", "num_key_value_heads", "rope_theta")));
    assertThat(config.headDimension()).isEqualTo(8);
    assertThat(config.keyValueHeads()).isEqualTo(4);
    assertThat(config.rope()).isEqualTo(Rope.of(10_000));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          llama | {"attention_bias": true} | attention_bias is true, which is not supported
          llama | {"mlp_bias": true} | mlp_bias is true, which is not supported
          llama | {"hidden_act": "gelu"} | hidden_act is gelu, which is not supported
          llama | {"partial_rotary_factor": 0.5} | partial_rotary_factor is 0.5
          llama | {"rope_scaling": {"type": "dynamic", "factor": 2.0}} | rope_type is dynamic (default, linear and llama3 are supported)
          qwen2 | {"rope_scaling": {"rope_type": "yarn", "factor": 4.0}} | rope_type is yarn
          llama3 | {"rope_parameters": {"rope_type": "longrope"}} | rope_type is longrope
          llama3 | {"rope_scaling": {"rope_type": "llama3", "factor": 8.0}} | low_freq_factor should be a number above 0, but is not there
          llama | {"quantization_config": {"quant_method": "gptq"}} | the weights are quantised (gptq)
          llama | {"architectures": ["GPT2LMHeadModel"]} | GPT2LMHeadModel is not supported; Gemma3ForCausalLM, Gemma3ForConditionalGeneration, LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM are
          llama | {"architectures": null, "model_type": "phi3"} | phi3 is not supported
          gemma3 | {"final_logit_softcapping": 30.0} | final_logit_softcapping is 30.0
          gemma3 | {"hidden_activation": "gelu"} | hidden_activation is gelu
          gemma3 | {"layer_types": ["full_attention", "chunked_attention", "full_attention"]} | layer_types is chunked_attention
          gemma3 | {"layer_types": ["full_attention"]} | contradicts itself: there are 3 layers, but 1 kinds of attention
          llama | {"num_key_value_heads": 3} | contradicts itself: 4 query heads cannot share 3 heads
          llama | {"hidden_size": "32"} | hidden_size should be a whole number above 0, but is "32"
          llama | {"vocab_size": null} | vocab_size should be a whole number above 0, but is null
          llama | {"tie_word_embeddings": "yes"} | tie_word_embeddings should be true or false
          """)
  void whatIsNotComputedHereIsRefusedByName(String family, String change, String message)
      throws IOException {
    assertThatThrownBy(() -> edited(family, c -> c.setAll(Fixtures.object(change))))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining(message);
  }

  @Test
  void aMissingOrTornConfigurationIsNamed() throws IOException {
    assertThatThrownBy(() -> ModelConfigReader.read(home))
        .hasMessageContaining("lacks config.json, which says what the network is made of");
    Files.writeString(home.resolve("config.json"), "{\"architectures\": [");
    assertThatThrownBy(() -> ModelConfigReader.read(home))
        .hasMessageContaining("config.json cannot be read as JSON");
    Files.writeString(home.resolve("config.json"), "[]");
    assertThatThrownBy(() -> ModelConfigReader.read(home))
        .hasMessageContaining("holds no JSON object");
  }
}
