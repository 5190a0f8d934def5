package dev.inkling.tensor.transformer;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import dev.inkling.tensor.Script;

/**
 * Matrices laid out for oneDNN, which multiplies them with a few rows up to twice as fast as MKL
 * does with plain ones (an AMD EPYC with AVX-512, 8 to 32 rows; measured). They take the place of
 * the plain ones, so that memory holds each once.
 */
final class PackedWeights implements AutoCloseable {
  private final Transformer network;
  private final Script script;

  PackedWeights(Transformer network) {
    this.network = network;
    this.script = network.pages().packed().compile(network.manager());
  }

  /** Whether a device gains; torch has oneDNN on x86 only. */
  static boolean gain(Device device) {
    return !device.isGpu() && System.getProperty("os.arch").equals("amd64");
  }

  /** A tensor laid out, if it is a matrix; the plain one is freed. */
  NDArray packed(NDArray w) {
    if (w.getShape().dimension() < 2) {
      return w;
    }
    try (w) {
      return script.call(network.manager(), "packed", false, Script.tensor(w));
    }
  }

  @Override
  public void close() {
    script.close();
  }
}
