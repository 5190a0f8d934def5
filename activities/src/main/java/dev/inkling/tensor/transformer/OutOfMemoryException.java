package dev.inkling.tensor.transformer;

import dev.inkling.model.weights.ModelConfig;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The device has too little memory; the message says for what, and what to give instead. */
public final class OutOfMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int rows;

  private OutOfMemoryException(int rows, String message, Throwable cause) {
    super(message, cause);
    this.rows = rows;
  }

  /** Rows of a batch at once; nothing has changed. */
  static OutOfMemoryException ofRows(int rows, int length, Throwable cause) {
    return new OutOfMemoryException(
        rows,
        "The device has too little memory for %d rows of up to %d tokens at once; compute fewer at once."
            .formatted(rows, length),
        cause);
  }

  /** A model's weights. */
  static OutOfMemoryException ofWeights(ModelConfig config, Numbers numbers, Throwable cause) {
    boolean half = numbers.matrices() == NumberType.BF16;
    return new OutOfMemoryException(
        0,
        String.format(
            Locale.ROOT,
            "The device has too little memory for the model's weights, about %.1f GiB in %s. Give %sa smaller model, or a device with more memory.",
            gibibytes(FlatWeights.size(config) * numbers.matrices().bytes()),
            half ? "bf16" : "float32",
            half ? "" : "compute: {precision: bf16}, "),
        cause);
  }

  /**
   * What training keeps beside a network.
   *
   * @param trained how many numbers
   * @param instead what takes less
   */
  static OutOfMemoryException ofTraining(long trained, String instead, Throwable cause) {
    return new OutOfMemoryException(
        0,
        String.format(
            Locale.ROOT,
            "The device has too little memory for what is trained with its gradient and two moments, about %.1f GiB in float32. Give %s, a smaller model, or a device with more memory.",
            gibibytes(trained * 4 * NumberType.FLOAT32.bytes()),
            instead),
        cause);
  }

  private static double gibibytes(long bytes) {
    return bytes / 0x1p30;
  }

  /**
   * How many rows were too many; fewer than a micro-batch where that is computed in pieces, and 0
   * where fewer rows would not help.
   */
  public int rows() {
    return rows;
  }

  /** Whether torch failed for want of memory, on a GPU or on a CPU. */
  public static boolean isMeant(Throwable failure) {
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      String message = String.valueOf(t.getMessage());
      if (message.contains("out of memory")
          || message.contains("can't allocate memory")
          || message.contains("not enough memory")
          || message.contains("bad_alloc")) {
        return true;
      }
    }
    return false;
  }
}
