package dev.inkling.tensor.transformer;

import org.jspecify.annotations.Nullable;

/** The device has too little memory for rows at once; nothing has changed. */
public final class OutOfMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int rows;

  OutOfMemoryException(int rows, int length, Throwable cause) {
    super(
        "The device has too little memory for %d rows of up to %d tokens at once; compute fewer at once."
            .formatted(rows, length),
        cause);
    this.rows = rows;
  }

  /** How many rows were too many; fewer than a micro-batch where that is computed in pieces. */
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
