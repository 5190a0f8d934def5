package dev.inkling.tensor.transformer;

import ai.djl.Device;
import dev.inkling.spec.Compute;

/**
 * Which numbers a network computes with.
 *
 * @param activations between the layers
 * @param matrices the stored matrices
 * @param vectors the stored norms and biases
 * @param halfProducts whether factors of matrix products are cast to bfloat16 and the results back
 */
record Numbers(
    NumberType activations, NumberType matrices, NumberType vectors, boolean halfProducts) {

  /**
   * In bf16 everything is bfloat16 on a GPU. On a CPU, where only the products gain, matrices are,
   * and everything else stays float32.
   */
  static Numbers of(Compute.Precision precision, Device device) {
    return switch (precision) {
      case FLOAT32 ->
          new Numbers(NumberType.FLOAT32, NumberType.FLOAT32, NumberType.FLOAT32, false);
      case BF16 ->
          device.isGpu()
              ? new Numbers(NumberType.BF16, NumberType.BF16, NumberType.BF16, false)
              : new Numbers(NumberType.FLOAT32, NumberType.BF16, NumberType.FLOAT32, true);
    };
  }
}
