package dev.inkling.tensor.transformer;

import dev.inkling.model.weights.ModelConfig;

/**
 * Tables of rotary position embedding: for each position and dimension the cosine and the sine of
 * the angle, in the layout in which dimension d is turned with d + headDimension / 2. The first
 * half of the sine is negated.
 */
final class Ropes {
  private Ropes() {}

  /** Cosines [positions, headDimension]. */
  static float[] cosines(ModelConfig.Rope rope, int positions, int headDimension) {
    double[] frequencies = frequencies(rope, headDimension);
    int half = headDimension / 2;
    float[] table = new float[positions * headDimension];
    for (int p = 0; p < positions; p++) {
      for (int d = 0; d < headDimension; d++) {
        table[p * headDimension + d] = (float) Math.cos(p * frequencies[d % half]);
      }
    }
    return table;
  }

  /** Sines [positions, headDimension]. */
  static float[] sines(ModelConfig.Rope rope, int positions, int headDimension) {
    double[] frequencies = frequencies(rope, headDimension);
    int half = headDimension / 2;
    float[] table = new float[positions * headDimension];
    for (int p = 0; p < positions; p++) {
      for (int d = 0; d < headDimension; d++) {
        double sine = Math.sin(p * frequencies[d % half]);
        table[p * headDimension + d] = (float) (d < half ? -sine : sine);
      }
    }
    return table;
  }

  /** Radians for each position, of each pair of dimensions. */
  static double[] frequencies(ModelConfig.Rope rope, int headDimension) {
    double[] frequencies = new double[headDimension / 2];
    for (int d = 0; d < frequencies.length; d++) {
      frequencies[d] = stretched(rope, Math.pow(rope.theta(), -2.0 * d / headDimension));
    }
    return frequencies;
  }

  private static double stretched(ModelConfig.Rope rope, double frequency) {
    if (rope.scaling().isEmpty()) {
      return frequency;
    }
    return switch (rope.scaling().get()) {
      case ModelConfig.Scaling.Linear linear -> frequency / linear.factor();
      case ModelConfig.Scaling.Llama3 llama -> stretched(llama, frequency);
    };
  }

  /**
   * Llama 3.1's: how often a wave fits into the original context decides; few times, and the
   * frequency is divided, many times, and it is kept.
   */
  private static double stretched(ModelConfig.Scaling.Llama3 llama, double frequency) {
    double waves = llama.originalContext() * frequency / (2 * Math.PI);
    double kept = (waves - llama.lowFactor()) / (llama.highFactor() - llama.lowFactor());
    double share = Math.clamp(kept, 0, 1);
    return share * frequency + (1 - share) * frequency / llama.factor();
  }
}
