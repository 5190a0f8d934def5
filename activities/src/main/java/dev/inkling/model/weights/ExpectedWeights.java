package dev.inkling.model.weights;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Which tensors, of which shapes, a configuration asks for; named as in transformers. */
final class ExpectedWeights {
  /** Kept by old checkpoints, though it follows from the configuration. */
  private static final String FREQUENCIES = "rotary_emb.inv_freq";

  private ExpectedWeights() {}

  /**
   * Compares weights with a configuration.
   *
   * @throws InvalidModelException if a tensor is missing, has another shape, or has no place in the
   *     network
   */
  static void check(ModelConfig config, Weights weights, String directory)
      throws InvalidModelException {
    Map<String, long[]> expected = of(config);
    for (Map.Entry<String, long[]> e : expected.entrySet()) {
      if (!weights.has(e.getKey())) {
        throw new InvalidModelException(
            "the weights in %s lack the tensor %s of shape %s, which config.json asks for. Download the model again."
                .formatted(directory, e.getKey(), Arrays.toString(e.getValue())));
      }
      long[] found = weights.tensor(e.getKey()).shape();
      if (!Arrays.equals(found, e.getValue())) {
        throw new InvalidModelException(
            "in %s the tensor %s has the shape %s, but by config.json it should be %s: the two do not belong together. Download the model again."
                .formatted(
                    directory, e.getKey(), Arrays.toString(found), Arrays.toString(e.getValue())));
      }
    }
    for (String name : weights.names()) {
      boolean spare =
          name.endsWith(FREQUENCIES) || (config.tied() && name.equals("lm_head.weight"));
      if (!expected.containsKey(name) && !spare) {
        throw new InvalidModelException(
            "the weights in %s hold the tensor %s, for which a network of the family %s has no place. Choose a model that was saved by transformers, without adapters or quantisation."
                .formatted(directory, name, config.family()));
      }
    }
  }

  /** Shapes by name, in the order in which the network uses them. */
  static SequencedMap<String, long[]> of(ModelConfig config) {
    SequencedMap<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put("model.embed_tokens.weight", shape(config.vocabulary(), config.hidden()));
    for (int i = 0; i < config.layers(); i++) {
      layer(config, "model.layers." + i + ".", shapes);
    }
    shapes.put("model.norm.weight", shape(config.hidden()));
    if (!config.tied()) {
      shapes.put("lm_head.weight", shape(config.vocabulary(), config.hidden()));
    }
    return shapes;
  }

  private static void layer(ModelConfig config, String at, Map<String, long[]> shapes) {
    int queries = config.heads() * config.headDimension();
    int keys = config.keyValueHeads() * config.headDimension();
    int hidden = config.hidden();
    int inner = config.intermediate();
    shapes.put(at + "input_layernorm.weight", shape(hidden));
    shapes.put(at + "self_attn.q_proj.weight", shape(queries, hidden));
    shapes.put(at + "self_attn.k_proj.weight", shape(keys, hidden));
    shapes.put(at + "self_attn.v_proj.weight", shape(keys, hidden));
    switch (config.family()) {
      case LLAMA, MISTRAL -> {}
      case QWEN2 -> {
        shapes.put(at + "self_attn.q_proj.bias", shape(queries));
        shapes.put(at + "self_attn.k_proj.bias", shape(keys));
        shapes.put(at + "self_attn.v_proj.bias", shape(keys));
      }
      case QWEN3, GEMMA3 -> {
        shapes.put(at + "self_attn.q_norm.weight", shape(config.headDimension()));
        shapes.put(at + "self_attn.k_norm.weight", shape(config.headDimension()));
      }
    }
    shapes.put(at + "self_attn.o_proj.weight", shape(hidden, queries));
    shapes.put(at + "post_attention_layernorm.weight", shape(hidden));
    if (config.family() == ModelConfig.Family.GEMMA3) {
      shapes.put(at + "pre_feedforward_layernorm.weight", shape(hidden));
      shapes.put(at + "post_feedforward_layernorm.weight", shape(hidden));
    }
    shapes.put(at + "mlp.gate_proj.weight", shape(inner, hidden));
    shapes.put(at + "mlp.up_proj.weight", shape(inner, hidden));
    shapes.put(at + "mlp.down_proj.weight", shape(hidden, inner));
  }

  private static long[] shape(long... lengths) {
    return lengths;
  }
}
