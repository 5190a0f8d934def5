package dev.inkling.tensor.transformer;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.model.weights.ModelConfig;
import dev.inkling.model.weights.ModelConfigReader;
import dev.inkling.model.weights.Weights;
import dev.inkling.spec.Compute.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A random model of a family, and what transformers and PEFT compute with it
 * (src/test/python/transformer_fixtures.py).
 */
record TinyModel(String name, Path directory, ModelConfig config, JsonNode expected) {
  static final List<String> NAMES =
      List.of("llama", "llama3", "smollm", "mistral", "qwen2", "qwen3", "gemma3");

  static TinyModel of(String name) {
    Path directory = Path.of("src/test/resources/dev/inkling/model/weights").resolve(name);
    try {
      return new TinyModel(
          name,
          directory,
          ModelConfigReader.read(directory),
          new ObjectMapper().readTree(directory.resolve("expected.json").toFile()));
    } catch (IOException | InvalidModelException e) {
      throw new IllegalStateException(e);
    }
  }

  Weights weights() {
    try {
      return Weights.inDirectory(directory);
    } catch (InvalidModelException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The network, on the CPU. */
  Transformer load(Precision precision) {
    try (Weights weights = weights()) {
      return Transformer.load(config, weights, Device.cpu(), precision);
    }
  }

  /** The adapter that PEFT saved. */
  LoraAdapter adapter() {
    try {
      return LoraAdapter.read(directory.resolve("adapter"), config);
    } catch (InvalidModelException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A tensor of what is expected. */
  float[] tensor(String tensor) {
    try (Weights all = Weights.inFile(directory.resolve("expected.safetensors"))) {
      return all.tensor(tensor).floats();
    } catch (InvalidModelException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The two rows, without padding. */
  int[][] rows() {
    int[][] rows = new int[2][];
    for (int r = 0; r < 2; r++) {
      rows[r] = new int[expected.at("/lengths/" + r).asInt()];
      for (int t = 0; t < rows[r].length; t++) {
        rows[r][t] = expected.at("/ids/" + r + "/" + t).asInt();
      }
    }
    return rows;
  }
}
