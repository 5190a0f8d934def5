package dev.inkling.finetune.weights;

import dev.inkling.finetune.LossTable;
import dev.inkling.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** What each step has measured, over all attempts. */
final class Curve {
  /** The file with all that two runs have in common. */
  static final String METRICS = "metrics.csv";

  /** The file with what is another each time. */
  static final String SPEED = "speed.csv";

  private static final String NAME = "curve";
  private static final int COLUMNS = 6;

  private float[] values = new float[0];
  private int steps;

  /**
   * A step.
   *
   * @param loss mean over the completions' tokens, in nats
   * @param gradientNorm before it is clipped
   * @param tokens of prompts and completions
   * @param peakBytes the most memory so far; 0 where nobody measures it
   */
  record Point(
      double loss,
      double learningRate,
      double gradientNorm,
      int tokens,
      double seconds,
      double peakBytes) {
    double tokensPerSecond() {
      return seconds > 0 ? tokens / seconds : 0;
    }

    /** By the names that everybody uses. */
    Map<String, Double> asMap() {
      return Map.of(
          "loss",
          loss,
          "lr",
          learningRate,
          "grad_norm",
          gradientNorm,
          "tokens_per_second",
          tokensPerSecond(),
          "peak_memory_bytes",
          peakBytes);
    }
  }

  void add(Point point) {
    if ((steps + 1) * COLUMNS > values.length) {
      values = Arrays.copyOf(values, Math.max(64 * COLUMNS, 2 * values.length));
    }
    int at = steps++ * COLUMNS;
    values[at] = (float) point.loss();
    values[at + 1] = (float) point.learningRate();
    values[at + 2] = (float) point.gradientNorm();
    values[at + 3] = point.tokens();
    values[at + 4] = (float) point.seconds();
    values[at + 5] = (float) point.peakBytes();
  }

  int steps() {
    return steps;
  }

  Point last() {
    return point(steps - 1);
  }

  private Point point(int step) {
    int at = step * COLUMNS;
    return new Point(
        values[at],
        values[at + 1],
        values[at + 2],
        (int) values[at + 3],
        values[at + 4],
        values[at + 5]);
  }

  /** As a tensor of a checkpoint. */
  void putInto(Map<String, Safetensors.Tensor> tensors) {
    tensors.put(
        NAME, Safetensors.Tensor.of(Arrays.copyOf(values, steps * COLUMNS), (long) steps, COLUMNS));
  }

  /**
   * Looks whether a checkpoint has as many steps as it says.
   *
   * @throws IOException if it has not
   */
  static void check(Safetensors file, long steps) throws IOException {
    if (!file.has(NAME) || file.shape(NAME)[0] != steps) {
      throw new IOException("it has not what its %d steps measured".formatted(steps));
    }
  }

  /** As a checkpoint has it. */
  void restore(Safetensors file) {
    values = file.floats(NAME);
    steps = values.length / COLUMNS;
  }

  /** The files of the artifact. */
  void write(Path directory) throws IOException {
    float[] losses = new float[steps];
    StringBuilder metrics = new StringBuilder("step,loss,lr,grad_norm,tokens\n");
    StringBuilder speed = new StringBuilder("step,seconds,tokens_per_second,peak_memory_bytes\n");
    for (int i = 0; i < steps; i++) {
      Point p = point(i);
      int step = i + 1;
      losses[i] = (float) p.loss();
      metrics.append(
          String.format(
              Locale.ROOT,
              "%d,%s,%s,%s,%d\n",
              step,
              losses[i],
              (float) p.learningRate(),
              (float) p.gradientNorm(),
              p.tokens()));
      speed.append(
          String.format(
              Locale.ROOT,
              "%d,%.6f,%.1f,%.0f\n",
              step,
              p.seconds(),
              p.tokensPerSecond(),
              p.peakBytes()));
    }
    LossTable.write(directory, losses);
    Files.writeString(directory.resolve(METRICS), metrics);
    Files.writeString(directory.resolve(SPEED), speed);
  }
}
