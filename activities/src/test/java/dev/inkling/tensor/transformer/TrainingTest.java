package dev.inkling.tensor.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.model.weights.Weights;
import dev.inkling.spec.Compute.Precision;
import dev.inkling.tensor.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Training against PEFT and torch.optim.AdamW, family by family. */
class TrainingTest {
  @TempDir Path directory;

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  static List<String> families() {
    return TinyModel.NAMES;
  }

  @ParameterizedTest
  @MethodSource("families")
  void tenStepsBesideTheWeightsAreThoseOfPeftAndTorch(String family) {
    TinyModel tiny = TinyModel.of(family);
    try (Transformer network = tiny.load(Precision.FLOAT32);
        Training training = Training.lora(network, tiny.adapter(), Steps.spec(), 1)) {
      compareSteps(training, tiny, tiny.expected().at("/adapter/training"), 2);

      LoraAdapter start = tiny.adapter();
      LoraAdapter found = training.adapter();
      for (int layer = 0; layer < tiny.config().layers(); layer++) {
        for (Projection target : Projection.values()) {
          LoraAdapter.Pair before = start.pair(layer, target);
          LoraAdapter.Pair after = found.pair(layer, target);
          String a = PeftFiles.tensor(layer, target, "A");
          String b = PeftFiles.tensor(layer, target, "B");
          compareMoves(before.a(), after.a(), tiny.tensor("trained." + a), a);
          compareMoves(before.b(), after.b(), tiny.tensor("trained." + b), b);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void gradientsOfAdaptersAreThoseOfPeft(String family) throws IOException {
    TinyModel tiny = TinyModel.of(family);
    for (boolean checkpointing : List.of(false, true)) {
      try (Transformer network = tiny.load(Precision.FLOAT32);
          Training training =
              Training.lora(network, tiny.adapter(), Steps.spec(checkpointing, 1e9), 1)) {
        Steps.one(training, tiny, 2, 1);

        // The first moment after one step is a tenth of the gradient, which nothing has shortened.
        float[] moment = Steps.saved(training, "adam.m", directory.resolve("state"));
        LoraAdapter gradient =
            new LoraSites(tiny.config(), tiny.adapter().settings()).unpack(moment);
        for (int layer = 0; layer < tiny.config().layers(); layer++) {
          for (Projection target : Projection.values()) {
            LoraAdapter.Pair pair = gradient.pair(layer, target);
            String a = PeftFiles.tensor(layer, target, "A");
            String b = PeftFiles.tensor(layer, target, "B");
            assertThat(distance(pair.a(), 10, tiny.tensor("gradient." + a))).as(a).isLessThan(1e-4);
            assertThat(distance(pair.b(), 10, tiny.tensor("gradient." + b))).as(b).isLessThan(1e-4);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tenStepsOfAllWeightsAreThoseOfTorch(boolean checkpointing) throws Exception {
    TinyModel tiny = TinyModel.of("smollm");
    Path file = directory.resolve("model.safetensors");
    try (Transformer network = tiny.load(Precision.FLOAT32)) {
      float[] untrained = network.logits(tiny.rows());
      float[] trained;
      try (Training training = Training.full(network, Steps.spec(checkpointing, 1))) {
        compareSteps(training, tiny, tiny.expected().at("/full/training"), 1);
        training.writeWeights(file);
        trained = network.logits(tiny.rows());
      }
      assertThat(trained).isNotEqualTo(untrained);
      assertThat(network.logits(tiny.rows())).as("once training is closed").isEqualTo(trained);
    }
    try (Weights before = tiny.weights();
        Weights found = Weights.inFile(file)) {
      assertThat(found.names()).isEqualTo(before.names());
      for (String name : found.names()) {
        compareMoves(
            before.tensor(name).floats(),
            found.tensor(name).floats(),
            tiny.tensor("full.trained." + name),
            name);
      }
    }
  }

  @Test
  void allWeightsOfEveryFamilyLearn() {
    for (String family : TinyModel.NAMES) {
      TinyModel tiny = TinyModel.of(family);
      for (Precision precision : Precision.values()) {
        try (Transformer network = tiny.load(precision);
            Training training = Training.full(network, Steps.spec())) {
          double first = Steps.one(training, tiny, 2, 1).loss();
          double last = first;
          for (int step = 2; step <= 5; step++) {
            last = Steps.one(training, tiny, 2, step).loss();
          }
          assertThat(first)
              .as(family)
              .isCloseTo(
                  tiny.expected().at("/loss").asDouble(),
                  within(precision == Precision.BF16 ? 0.1 : 1e-5));
          assertThat(last).as(family).isLessThan(first - 0.1);
        }
      }
    }
  }

  private static void compareSteps(
      Training training, TinyModel tiny, JsonNode expected, int microBatch) {
    for (int step = 0; step < 10; step++) {
      StepResult result = Steps.one(training, tiny, microBatch, step + 1);
      assertThat(result.finite()).isTrue();
      assertThat(result.tokens()).isEqualTo(15);
      assertThat(result.loss())
          .as("loss of step %d", step + 1)
          .isCloseTo(expected.at("/losses/" + step).asDouble(), within(1e-5));
      double norm = expected.at("/norms/" + step).asDouble();
      assertThat(result.gradientNorm()).isCloseTo(norm, within(1e-4 * norm));
    }
  }

  /**
   * All in all the same way, and each number nearly: Adam enlarges what is lost of tiny gradients.
   */
  private static void compareMoves(float[] before, float[] found, float[] expected, String name) {
    float[] moved = new float[before.length];
    float[] expectedMove = new float[before.length];
    for (int i = 0; i < before.length; i++) {
      assertThat((double) found[i]).as(name).isCloseTo(expected[i], within(2e-4));
      moved[i] = found[i] - before[i];
      expectedMove[i] = expected[i] - before[i];
    }
    assertThat(distance(moved, 1, expectedMove)).as(name).isLessThan(2e-3);
  }

  /** How far a multiple of numbers is from others, beside the size of those. */
  private static double distance(float[] found, double factor, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double error = 0;
    double size = 0;
    for (int i = 0; i < found.length; i++) {
      error += Math.pow(factor * found[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    return Math.sqrt(error / size);
  }
}
