package dev.inkling.tensor.transformer;

import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.model.weights.ModelConfig;
import dev.inkling.tensor.Counter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The numbers of an adapter in memory, for every layer and targeted matrix.
 *
 * @param layers for each layer and target its pair of matrices
 */
public record LoraAdapter(LoraSettings settings, List<Map<Projection, Pair>> layers) {
  public LoraAdapter {
    layers = layers.stream().map(Map::copyOf).toList();
  }

  /**
   * Two matrices, row by row.
   *
   * @param a [rank, in]
   * @param b [out, rank]
   */
  @SuppressWarnings("ArrayRecordComponent") // Millions of numbers; nobody compares pairs.
  public record Pair(float[] a, float[] b) {}

  /**
   * Where training begins, as in PEFT: A uniform within 1 / sqrt(in), B zero, so that nothing is
   * added yet. A function of the seed alone.
   */
  public static LoraAdapter initial(ModelConfig config, LoraSettings settings, long seed) {
    List<Map<Projection, Pair>> layers = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      Map<Projection, Pair> pairs = new EnumMap<>(Projection.class);
      for (Projection target : settings.targets()) {
        long key = Counter.key(seed, "lora/" + target.word(), layer);
        int in = target.in(config);
        float[] a = new float[settings.rank() * in];
        double bound = 1 / Math.sqrt(in);
        for (int i = 0; i < a.length; i++) {
          a[i] = (float) (bound * (2 * Counter.uniform(key, i) - 1));
        }
        pairs.put(target, new Pair(a, new float[target.out(config) * settings.rank()]));
      }
      layers.add(pairs);
    }
    return new LoraAdapter(settings, layers);
  }

  /**
   * Reads the files that PEFT writes.
   *
   * @param config the model that the adapter stands beside
   * @throws InvalidModelException if it needs what is not supported, or is of another model
   */
  public static LoraAdapter read(Path directory, ModelConfig config) throws InvalidModelException {
    return PeftReader.read(directory, config);
  }

  /** Writes the files that PEFT reads, for a base that is not of the Hub. */
  public void write(Path directory, String baseModel) throws IOException {
    write(directory, baseModel, Optional.empty());
  }

  /**
   * Writes the files that PEFT reads.
   *
   * @param baseModel what PEFT loads the model by
   * @param revision its commit, if it is of the Hub
   */
  public void write(Path directory, String baseModel, Optional<String> revision)
      throws IOException {
    PeftWriter.write(this, directory, baseModel, revision);
  }

  /**
   * Writes a model directory whose weights have this adapter added, in their stored types.
   *
   * @param source the directory of the model that the adapter stands beside
   * @param config what that model is
   */
  public void mergeInto(Path source, ModelConfig config, Path target)
      throws IOException, InvalidModelException {
    MergedModel.write(this, source, config, target);
  }

  /** The pair of a layer's matrix. */
  Pair pair(int layer, Projection target) {
    return layers.get(layer).get(target);
  }

  /**
   * Refuses a model that the adapter does not fit.
   *
   * @throws IllegalArgumentException naming what differs
   */
  void checkFits(ModelConfig config) {
    if (layers.size() != config.layers()) {
      throw new IllegalArgumentException(
          "the adapter has %d layers, the model %d: it belongs to another model"
              .formatted(layers.size(), config.layers()));
    }
    for (int layer = 0; layer < layers.size(); layer++) {
      for (Projection target : settings.targets()) {
        Pair pair = pair(layer, target);
        if (pair.a.length != settings.rank() * target.in(config)
            || pair.b.length != settings.rank() * target.out(config)) {
          throw new IllegalArgumentException(
              "the adapter's %s of layer %d reads %d and gives %d numbers, the model's %d and %d: it belongs to another model"
                  .formatted(
                      target.word(),
                      layer,
                      pair.a.length / settings.rank(),
                      pair.b.length / settings.rank(),
                      target.in(config),
                      target.out(config)));
        }
      }
    }
  }
}
