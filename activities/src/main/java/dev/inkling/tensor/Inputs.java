package dev.inkling.tensor;

import java.nio.ByteBuffer;

/** What a network reads: the inputs of any row of any model, made or looked up when needed. */
public interface Inputs {
  /** Floating-point pixels or whole-number tokens. */
  enum Type {
    PIXELS,
    TOKENS
  }

  /** What a row consists of. */
  Type type();

  /** How many pixels or tokens a row has. */
  int width();

  /** Whether every model sees the same rows. */
  boolean shared();

  /** Writes one row of pixels. */
  default void pixels(Member member, int row, float[] target, int offset) {
    throw new UnsupportedOperationException("these rows are tokens");
  }

  /** Writes one row of tokens. */
  default void tokens(Member member, int row, long[] target, int offset) {
    throw new UnsupportedOperationException("these rows are pixels");
  }

  /** How many bytes a row takes in a tensor. */
  default int rowBytes() {
    return width() * (type() == Type.PIXELS ? 4 : 8);
  }

  /**
   * Writes rows of a model one after the other into a direct buffer of native order, from a byte
   * position.
   */
  default void fill(Member member, int[] rows, int count, ByteBuffer target, int position) {
    switch (type()) {
      case PIXELS -> {
        float[] row = new float[width()];
        for (int i = 0; i < count; i++) {
          pixels(member, rows[i], row, 0);
          target
              .slice(position + i * rowBytes(), rowBytes())
              .order(target.order())
              .asFloatBuffer()
              .put(row);
        }
      }
      case TOKENS -> {
        long[] row = new long[width()];
        for (int i = 0; i < count; i++) {
          tokens(member, rows[i], row, 0);
          target
              .slice(position + i * rowBytes(), rowBytes())
              .order(target.order())
              .asLongBuffer()
              .put(row);
        }
      }
    }
  }
}
