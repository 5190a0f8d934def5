package dev.inkling.tensor.transformer;

import dev.inkling.model.weights.ModelConfig;
import dev.inkling.model.weights.ModelConfig.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The order in which the pages take a network's tensors: embedding, final norm and head, then the
 * same number for every layer. Queries, keys and values are one matrix, because one product is
 * faster than three; gate and up stay apart, because slices of a product cost more than they save.
 */
final class WeightOrder {
  /** Tensors that belong to no layer. */
  static final int OUTER = 3;

  /** The place of the head among them. */
  static final int HEAD = 2;

  /** Tensors of each layer. */
  static final int PER_LAYER = 12;

  /** The place of the MLP's gate within a layer; up is the next one. */
  private static final int GATE = 7;

  private WeightOrder() {}

  /** Whether a place is that of a layer's gate. */
  static boolean isGate(int place) {
    return place >= OUTER && (place - OUTER) % PER_LAYER == GATE;
  }

  /**
   * One tensor of the order.
   *
   * @param parts the tensors of a file that are its rows, from the first on; none where the family
   *     has no such tensor
   */
  record Place(List<Part> parts) {
    /** Its shape; [0] where there is none. */
    long[] shape() {
      if (parts.isEmpty()) {
        return new long[] {0};
      }
      long[] shape = parts.getFirst().shape().clone();
      shape[0] = parts.stream().mapToLong(p -> p.shape()[0]).sum();
      return shape;
    }

    boolean isMatrix() {
      return !parts.isEmpty() && parts.getFirst().shape().length == 2;
    }

    long size() {
      return parts.stream().mapToLong(Part::size).sum();
    }
  }

  /** A tensor of a file, as Hugging Face transformers names it. */
  record Part(String name, long[] shape) {
    long size() {
      return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }
  }

  /** All tensors in order. Where the head is the embedding, both are the same part. */
  static List<Place> of(ModelConfig config) {
    List<Place> places = new ArrayList<>();
    String embedding = "model.embed_tokens.weight";
    places.add(matrix(config.vocabulary(), config.hidden(), embedding));
    places.add(vector(config.hidden(), "model.norm.weight"));
    places.add(
        matrix(config.vocabulary(), config.hidden(), config.tied() ? embedding : "lm_head.weight"));
    for (int i = 0; i < config.layers(); i++) {
      layer(places, config, "model.layers." + i + ".");
    }
    return places;
  }

  private static void layer(List<Place> places, ModelConfig config, String name) {
    int hidden = config.hidden();
    int queries = config.heads() * config.headDimension();
    int keys = config.keyValueHeads() * config.headDimension();
    boolean sandwich = config.family() == Family.GEMMA3;
    boolean normed = sandwich || config.family() == Family.QWEN3;
    String attention = name + "self_attn.";
    places.add(vector(hidden, name + "input_layernorm.weight"));
    places.add(
        new Place(
            List.of(
                new Part(attention + "q_proj.weight", new long[] {queries, hidden}),
                new Part(attention + "k_proj.weight", new long[] {keys, hidden}),
                new Part(attention + "v_proj.weight", new long[] {keys, hidden}))));
    places.add(
        config.family() == Family.QWEN2
            ? new Place(
                List.of(
                    new Part(attention + "q_proj.bias", new long[] {queries}),
                    new Part(attention + "k_proj.bias", new long[] {keys}),
                    new Part(attention + "v_proj.bias", new long[] {keys})))
            : none());
    places.add(normed ? vector(config.headDimension(), attention + "q_norm.weight") : none());
    places.add(normed ? vector(config.headDimension(), attention + "k_norm.weight") : none());
    places.add(matrix(hidden, queries, attention + "o_proj.weight"));
    places.add(vector(hidden, name + "post_attention_layernorm.weight"));
    places.add(matrix(config.intermediate(), hidden, name + "mlp.gate_proj.weight"));
    places.add(matrix(config.intermediate(), hidden, name + "mlp.up_proj.weight"));
    places.add(matrix(hidden, config.intermediate(), name + "mlp.down_proj.weight"));
    places.add(sandwich ? vector(hidden, name + "pre_feedforward_layernorm.weight") : none());
    places.add(sandwich ? vector(hidden, name + "post_feedforward_layernorm.weight") : none());
  }

  private static Place matrix(long rows, long columns, String name) {
    return new Place(List.of(new Part(name, new long[] {rows, columns})));
  }

  private static Place vector(long size, String name) {
    return new Place(List.of(new Part(name, new long[] {size})));
  }

  private static Place none() {
    return new Place(List.of());
  }
}
