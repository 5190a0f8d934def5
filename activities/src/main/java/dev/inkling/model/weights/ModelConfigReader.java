package dev.inkling.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.model.weights.ModelConfig.Family;
import dev.inkling.model.weights.ModelConfig.Rope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads {@code config.json} as transformers 4 and 5 write it. Where a value is left out, it is the
 * default of transformers' own configuration class. What the network here does not compute is
 * refused by name: better no answer than that of another network.
 */
public final class ModelConfigReader {
  private static final SortedMap<String, Family> ARCHITECTURES =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(
              Map.of(
                  "LlamaForCausalLM", Family.LLAMA,
                  "MistralForCausalLM", Family.MISTRAL,
                  "Qwen2ForCausalLM", Family.QWEN2,
                  "Qwen3ForCausalLM", Family.QWEN3,
                  "Gemma3ForCausalLM", Family.GEMMA3,
                  "Gemma3ForConditionalGeneration", Family.GEMMA3)));

  /** For a configuration without architectures. */
  private static final Map<String, String> OF_TYPE =
      Map.of(
          "llama", "LlamaForCausalLM",
          "mistral", "MistralForCausalLM",
          "qwen2", "Qwen2ForCausalLM",
          "qwen3", "Qwen3ForCausalLM",
          "gemma3_text", "Gemma3ForCausalLM",
          "gemma3", "Gemma3ForConditionalGeneration");

  private static final String GLOBAL = "full_attention";
  private static final String LOCAL = "sliding_attention";

  private final ConfigNode config;
  private final Family family;

  private ModelConfigReader(ConfigNode config, Family family) {
    this.config = config;
    this.family = family;
  }

  /**
   * Reads {@code config.json} of a directory; of a multimodal Gemma 3 the part about text.
   *
   * @throws InvalidModelException if it is missing, damaged, or describes what is not supported
   */
  public static ModelConfig read(Path directory) throws InvalidModelException {
    Path file = directory.resolve("config.json");
    JsonNode whole = JsonFile.required(file, "which says what the network is made of");
    String architecture =
        whole.path("architectures").path(0).asText(OF_TYPE.get(whole.path("model_type").asText()));
    if (architecture == null || architecture.isEmpty()) {
      architecture = whole.path("model_type").asText("a network without a name");
    }
    Family family = ARCHITECTURES.get(architecture);
    if (family == null) {
      throw new InvalidModelException(
          "%s: %s is not supported; %s are. Choose a model of one of these architectures."
              .formatted(file, architecture, String.join(", ", ARCHITECTURES.keySet())));
    }
    if (whole.hasNonNull("quantization_config")) {
      throw new InvalidModelException(
          "%s: the weights are quantised (%s), which is not supported. Choose the same model in BF16, F16 or F32."
              .formatted(
                  file, whole.path("quantization_config").path("quant_method").asText("unnamed")));
    }
    JsonNode text = whole.path("text_config");
    ConfigNode config = new ConfigNode(file, text.isObject() ? text : whole);
    try {
      return new ModelConfigReader(config, family).config();
    } catch (IllegalArgumentException e) {
      throw new InvalidModelException(
          "%s contradicts itself: %s.".formatted(file, e.getMessage()), e);
    }
  }

  private ModelConfig config() throws InvalidModelException {
    refuse();
    boolean gemma = family == Family.GEMMA3;
    int hidden = config.size("hidden_size", gemma ? 2304 : 0);
    int layers = config.size("num_hidden_layers", gemma ? 26 : 0);
    int heads = config.size("num_attention_heads", gemma ? 8 : 0);
    int keyValueHeads =
        config.size("num_key_value_heads", gemma ? 4 : family == Family.LLAMA ? heads : 0);
    int headDimension =
        switch (family) {
          case LLAMA, MISTRAL, QWEN2 -> config.size("head_dim", hidden / heads);
          case QWEN3 -> config.size("head_dim", 128);
          case GEMMA3 -> config.size("head_dim", 256);
        };
    double scaled = gemma ? config.number("query_pre_attn_scalar", 256) : headDimension;
    List<Boolean> local = local(layers);
    return new ModelConfig(
        family,
        config.size("vocab_size", gemma ? 262_208 : 0),
        hidden,
        layers,
        heads,
        keyValueHeads,
        headDimension,
        config.size("intermediate_size", gemma ? 9216 : 0),
        config.number("rms_norm_eps", 1e-6),
        1 / Math.sqrt(scaled),
        config.flag("tie_word_embeddings", gemma),
        config.size("max_position_embeddings", gemma ? 131_072 : 0),
        rope(GLOBAL),
        rope(LOCAL),
        local.contains(true)
            ? OptionalInt.of(config.size("sliding_window", 4096))
            : OptionalInt.empty(),
        local);
  }

  /** Says no to what would be computed wrongly. */
  private void refuse() throws InvalidModelException {
    for (String bias : List.of("attention_bias", "mlp_bias", "use_bidirectional_attention")) {
      if (config.flag(bias, false)) {
        throw config.unsupported(bias, "true");
      }
    }
    for (String capping : List.of("attn_logit_softcapping", "final_logit_softcapping")) {
      if (config.has(capping)) {
        throw config.unsupported(capping, config.text(capping, ""));
      }
    }
    if (config.number("partial_rotary_factor", 1) != 1) {
      throw config.unsupported("partial_rotary_factor", config.text("partial_rotary_factor", ""));
    }
    String named = family == Family.GEMMA3 ? "hidden_activation" : "hidden_act";
    String known = family == Family.GEMMA3 ? "gelu_pytorch_tanh" : "silu";
    if (!config.text(named, known).equals(known)) {
      throw config.unsupported(named, config.text(named, known));
    }
  }

  /** Which layers look through a window. */
  private List<Boolean> local(int layers) throws InvalidModelException {
    if (family == Family.LLAMA) {
      return Collections.nCopies(layers, false);
    }
    if (family == Family.MISTRAL) {
      // Left out it is 4096; null says that every layer sees everything.
      return Collections.nCopies(
          layers, config.says("sliding_window") ? config.has("sliding_window") : true);
    }
    boolean qwen = family != Family.GEMMA3;
    if (qwen && !config.flag("use_sliding_window", false)) {
      return Collections.nCopies(layers, false);
    }
    if (config.has("layer_types")) {
      return named(config.child("layer_types"));
    }
    int from = qwen ? config.size("max_window_layers", 28) : 0;
    int period = config.size("sliding_window_pattern", config.size("_sliding_window_pattern", 6));
    List<Boolean> local = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      local.add(qwen ? i >= from : (i + 1) % period != 0);
    }
    return local;
  }

  private List<Boolean> named(JsonNode types) throws InvalidModelException {
    List<Boolean> local = new ArrayList<>();
    for (JsonNode type : types) {
      if (!type.asText().equals(GLOBAL) && !type.asText().equals(LOCAL)) {
        throw config.unsupported("layer_types", type.asText());
      }
      local.add(type.asText().equals(LOCAL));
    }
    return local;
  }

  /**
   * Positions in layers of a kind: transformers 5 has them in one place, transformers 4 in three.
   */
  private Rope rope(String kind) throws InvalidModelException {
    boolean localGemma = family == Family.GEMMA3 && kind.equals(LOCAL);
    double usual =
        switch (family) {
          case GEMMA3 -> localGemma ? 10_000 : 1_000_000;
          case LLAMA, MISTRAL, QWEN2, QWEN3 -> 10_000;
        };
    if (config.has("rope_parameters")) {
      ConfigNode all = config.object("rope_parameters");
      ConfigNode one = all.has(kind) ? all.object(kind) : all;
      if (one.number("partial_rotary_factor", 1) != 1) {
        throw one.unsupported("partial_rotary_factor", one.text("partial_rotary_factor", ""));
      }
      return new Rope(one.number("rope_theta", usual), RopeScaling.of(one));
    }
    if (localGemma) {
      return Rope.of(config.number("rope_local_base_freq", usual));
    }
    double theta = config.number("rope_theta", usual);
    return config.has("rope_scaling")
        ? new Rope(theta, RopeScaling.of(config.object("rope_scaling")))
        : new Rope(theta, Optional.empty());
  }
}
