package dev.inkling.model.open;

import ai.djl.Device;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.spec.Compute.Precision;
import dev.inkling.tensor.transformer.LoraAdapter;
import dev.inkling.tensor.transformer.Transformer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The whole network on the whole sequence each time: what answers are compared with. */
final class Plain implements AutoCloseable {
  private final Transformer network;

  Plain(ModelDirectory directory, List<LoraAdapter> adapters) {
    network =
        Transformer.load(directory.config(), directory.weights(), Device.cpu(), Precision.FLOAT32);
    adapters.forEach(network::merge);
  }

  /** Log-probabilities of the token after the first so many. */
  double[] after(int[] ids, int length) {
    float[] all = network.logits(new int[][] {Arrays.copyOf(ids, length)});
    int vocabulary = network.config().vocabulary();
    float[] last = Arrays.copyOfRange(all, all.length - vocabulary, all.length);
    return logSoftmax(IntStream.range(0, vocabulary).mapToDouble(i -> last[i]).toArray());
  }

  static double[] logSoftmax(double[] logits) {
    double most = Arrays.stream(logits).max().orElseThrow();
    double sum = Arrays.stream(logits).map(z -> Math.exp(z - most)).sum();
    return Arrays.stream(logits).map(z -> z - most - Math.log(sum)).toArray();
  }

  @Override
  public void close() {
    network.close();
  }
}
