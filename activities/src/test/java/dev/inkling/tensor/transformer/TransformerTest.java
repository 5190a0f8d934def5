package dev.inkling.tensor.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.model.weights.ModelConfig;
import dev.inkling.model.weights.ModelConfigReader;
import dev.inkling.model.weights.Weights;
import dev.inkling.spec.Compute.Precision;
import dev.inkling.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The networks against Hugging Face transformers, family by family. */
class TransformerTest {
  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  static List<String> families() {
    return TinyModel.NAMES;
  }

  @ParameterizedTest
  @MethodSource("families")
  void logitsAreThoseOfTransformersAlsoBesidePadding(String family) {
    TinyModel tiny = TinyModel.of(family);
    try (Transformer network = tiny.load(Precision.FLOAT32)) {
      compare(network.logits(tiny.rows()), tiny.tensor("logits"), tiny, 1e-4);
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void anAdapterOfPeftGivesItsLogitsBesideTheWeightsAndMergedIntoThem(String family) {
    TinyModel tiny = TinyModel.of(family);
    try (Transformer network = tiny.load(Precision.FLOAT32)) {
      network.merge(tiny.adapter());
      compare(network.logits(tiny.rows()), tiny.tensor("adapter.logits"), tiny, 1e-4);
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void inBf16LogitsDifferByWhatItsEightBitsLose(String family) {
    TinyModel tiny = TinyModel.of(family);
    try (Transformer network = tiny.load(Precision.BF16)) {
      float[] found = network.logits(tiny.rows());
      float[] expected = tiny.tensor("logits");
      double error = 0;
      double size = 0;
      // The first row, which has no padding.
      for (int i = 0; i < found.length / 2; i++) {
        error += Math.pow(found[i] - expected[i], 2);
        size += Math.pow(expected[i], 2);
      }
      assertThat(Math.sqrt(error / size)).isBetween(1e-4, 0.05);
    }
  }

  @Test
  void torchSaysWhenThereIsTooLittleMemory() {
    try (Transformer network = TinyModel.of("llama").load(Precision.FLOAT32)) {
      assertThatThrownBy(() -> network.bytes().room(new long[] {1L << 46}, NumberType.FLOAT32))
          .satisfies(e -> assertThat(OutOfMemoryException.isMeant(e)).isTrue());
    }
    assertThat(
            OutOfMemoryException.isMeant(
                new IllegalStateException(
                    new IllegalStateException("CUDA out of memory. Tried to allocate 2.00 GiB."))))
        .isTrue();
    assertThat(OutOfMemoryException.isMeant(new IllegalStateException("no such method"))).isFalse();
  }

  @Test
  void weightsThatTheDeviceCannotHoldAreRefusedWithTheirSize(@TempDir Path directory)
      throws Exception {
    ObjectMapper json = new ObjectMapper();
    TinyModel tiny = TinyModel.of("llama");
    ObjectNode config =
        (ObjectNode) json.readTree(tiny.directory().resolve("config.json").toFile());
    config.put("vocab_size", 1 << 30).put("hidden_size", 1 << 20).put("head_dim", 8);
    json.writeValue(directory.resolve("config.json").toFile(), config);
    ModelConfig huge = ModelConfigReader.read(directory);
    try (Weights weights = tiny.weights()) {
      assertThatThrownBy(() -> Transformer.load(huge, weights, Device.cpu(), Precision.FLOAT32))
          .isInstanceOf(OutOfMemoryException.class)
          .hasMessageContaining("the model's weights, about 8388")
          .hasMessageContaining("GiB in float32. Give compute: {precision: bf16}, a smaller model");
      assertThatThrownBy(
              () -> Transformer.toDecode(huge, weights, List.of(), Device.cpu(), Precision.BF16))
          .isInstanceOf(OutOfMemoryException.class)
          .hasMessageContaining("GiB in bf16. Give a smaller model");
    }
  }

  @Test
  void aSequenceLongerThanTheContextIsRefused() {
    try (Transformer network = TinyModel.of("llama").load(Precision.FLOAT32)) {
      assertThatThrownBy(() -> network.logits(new int[][] {new int[257]}))
          .hasMessageContaining("257 tokens")
          .hasMessageContaining("context of 256");
    }
  }

  private static void compare(float[] found, float[] expected, TinyModel tiny, double tolerance) {
    assertThat(found).hasSameSizeAs(expected);
    int vocabulary = tiny.config().vocabulary();
    int[][] rows = tiny.rows();
    for (int i = 0; i < found.length; i++) {
      int position = i / vocabulary;
      int row = position / rows[0].length;
      if (position % rows[0].length < rows[row].length) {
        assertThat((double) found[i])
            .as("logit %d at position %d of row %d", i % vocabulary, position, row)
            .isCloseTo(expected[i], within(tolerance));
      }
    }
  }
}
