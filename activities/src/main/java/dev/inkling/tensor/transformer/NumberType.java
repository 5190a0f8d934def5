package dev.inkling.tensor.transformer;

import dev.inkling.model.weights.Weights;

/** Torch's types of numbers, by the numbers that TorchScript knows them by. */
enum NumberType {
  BYTE(1, 1),
  FLOAT16(5, 2),
  FLOAT32(6, 4),
  BF16(15, 2);

  private final long code;
  private final int bytes;

  NumberType(long code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  long code() {
    return code;
  }

  /** How many bytes one number takes. */
  int bytes() {
    return bytes;
  }

  /** The type of what a file holds. */
  static NumberType of(Weights.DType stored) {
    return switch (stored) {
      case F32 -> FLOAT32;
      case BF16 -> BF16;
      case F16 -> FLOAT16;
    };
  }
}
