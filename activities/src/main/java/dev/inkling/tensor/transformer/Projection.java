package dev.inkling.tensor.transformer;

import dev.inkling.model.weights.ModelConfig;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The matrices of a layer that adapters can stand beside. */
public enum Projection {
  /** Queries. */
  QUERY("self_attn", "q_proj"),
  /** Keys. */
  KEY("self_attn", "k_proj"),
  /** Values. */
  VALUE("self_attn", "v_proj"),
  /** What attention gives back to the residual stream. */
  OUTPUT("self_attn", "o_proj"),
  /** The MLP's gate. */
  GATE("mlp", "gate_proj"),
  /** What the gate is multiplied with. */
  UP("mlp", "up_proj"),
  /** What the MLP gives back to the residual stream. */
  DOWN("mlp", "down_proj");

  private final String half;
  private final String word;

  Projection(String half, String word) {
    this.half = half;
    this.word = word;
  }

  /** The name in files and settings, for example q_proj. */
  public String word() {
    return word;
  }

  /** The matrix's name in a layer, for example self_attn.q_proj. */
  String path() {
    return half + "." + word;
  }

  /** The projection with a name. */
  static Optional<Projection> of(String word) {
    return Arrays.stream(values())
        .filter(p -> p.word.equals(word.toLowerCase(Locale.ROOT)))
        .findFirst();
  }

  /** How many numbers it reads. */
  int in(ModelConfig config) {
    return switch (this) {
      case QUERY, KEY, VALUE, GATE, UP -> config.hidden();
      case OUTPUT -> config.heads() * config.headDimension();
      case DOWN -> config.intermediate();
    };
  }

  /** How many numbers it gives. */
  int out(ModelConfig config) {
    return switch (this) {
      case QUERY -> config.heads() * config.headDimension();
      case KEY, VALUE -> config.keyValueHeads() * config.headDimension();
      case OUTPUT, DOWN -> config.hidden();
      case GATE, UP -> config.intermediate();
    };
  }

  /** The first of its rows in the matrix that the pages hold it in. */
  int firstRow(ModelConfig config) {
    return switch (this) {
      case KEY -> QUERY.out(config);
      case VALUE -> QUERY.out(config) + KEY.out(config);
      case QUERY, OUTPUT, GATE, UP, DOWN -> 0;
    };
  }

  /** The place of the matrix that holds it among a layer's tensors. */
  int place() {
    return switch (this) {
      case QUERY, KEY, VALUE -> 1;
      case OUTPUT -> 5;
      case GATE -> 7;
      case UP -> 8;
      case DOWN -> 9;
    };
  }
}
