package dev.inkling.tensor.transformer;

import java.util.List;

/**
 * What an adapter looks like: beside each targeted matrix W stands scale B A (Hu et al. 2021).
 *
 * @param rank rows of A, columns of B
 * @param alpha the scale is alpha / rank
 * @param rsLora whether it is alpha / sqrt(rank) instead (Kalajdzievski 2023)
 * @param dropout with which probability a number that A reads is dropped in training; queries, keys
 *     and values read with the same numbers dropped, and so do gate and up, where PEFT draws for
 *     each of them
 * @param targets the matrices, of every layer
 */
public record LoraSettings(
    int rank, double alpha, boolean rsLora, double dropout, List<Projection> targets) {
  public LoraSettings {
    targets = targets.stream().distinct().sorted().toList();
    if (rank < 1 || targets.isEmpty()) {
      throw new IllegalArgumentException("an adapter needs a rank of at least 1 and a target");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("a dropout of " + dropout + " is none; give 0 to 1");
    }
  }

  /** What the product of B and A is multiplied by. */
  public double scale() {
    return alpha / (rsLora ? Math.sqrt(rank) : rank);
  }
}
