package dev.inkling.tensor.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import dev.inkling.spec.Compute.Precision;
import dev.inkling.tensor.Script;
import dev.inkling.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Numbers spread evenly over [0, 1) draw each token as often as its probability says. What is left
 * of the distribution is what Hugging Face transformers leaves
 * (src/test/python/sampling_reference.py).
 */
class SamplingTest {
  private static final int NUMBERS = 20_000;
  private static final float[] LOGITS = {0.5f, 2, -1, 1.5f, 2, -3, 0, 1, 3, -0.5f};

  /** All in one call, each with its own settings. */
  private static final List<Known> KNOWN =
      List.of(
          known(
              1, 0, 1, .036048, .161557, .008043, .097989, .161557, .001089, .021864, .059433,
              .439157, .013261),
          known(
              .7, 0, 1, .016479, .140462, .001933, .068762, .140462, .000111, .008067, .033662,
              .586112, .003949),
          known(1, 2, 1, 0, .211942, 0, 0, .211942, 0, 0, 0, .576117, 0),
          known(1, 4, 1, 0, .187800, 0, .113906, .187800, 0, 0, 0, .510493, 0),
          known(1, 0, .8, 0, .187800, 0, .113906, .187800, 0, 0, 0, .510493, 0),
          known(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0),
          known(1.3, 6, .9, 0, .188601, 0, .128383, .188601, 0, 0, .087392, .407022, 0),
          known(.5, 3, .5, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0),
          known(0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0));

  private static Transformer network;
  private static PtNDManager manager;
  private static Script script;

  private record Known(double temperature, int topK, double topP, double... probabilities) {}

  private static Known known(double temperature, int topK, double topP, double... probabilities) {
    return new Known(temperature, topK, topP, probabilities);
  }

  @BeforeAll
  static void compile() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
    TinyModel tiny = TinyModel.of("llama");
    network = Transformer.load(tiny.config(), tiny.weights(), Device.cpu(), Precision.FLOAT32);
    manager = network.manager();
    script = network.pages().decoder(false).compile(manager, "cache", "decode");
  }

  @AfterAll
  static void close() {
    script.close();
    network.close();
  }

  @Test
  void tokensComeAsOftenAsTransformersWarpersLeaveThem() {
    int rows = KNOWN.size() * NUMBERS;
    float[] temperature = new float[rows];
    long[] topK = new long[rows];
    float[] topP = new float[rows];
    float[] numbers = new float[rows];
    for (int r = 0; r < rows; r++) {
      Known known = KNOWN.get(r / NUMBERS);
      temperature[r] = (float) known.temperature();
      topK[r] = known.topK();
      topP[r] = known.topP() == 1 ? Float.POSITIVE_INFINITY : (float) known.topP();
      numbers[r] = (r % NUMBERS + 0.5f) / NUMBERS;
    }
    long[] tokens = draw(rows, temperature, topK, topP, numbers);

    int[][] counts = new int[KNOWN.size()][LOGITS.length];
    for (int r = 0; r < rows; r++) {
      counts[r / NUMBERS][(int) tokens[r]]++;
    }
    for (int k = 0; k < KNOWN.size(); k++) {
      for (int token = 0; token < LOGITS.length; token++) {
        assertThat((double) counts[k][token] / NUMBERS)
            .as("token %d of %s", token, KNOWN.get(k))
            .isCloseTo(KNOWN.get(k).probabilities()[token], within(2.0 / NUMBERS));
      }
    }
  }

  @Test
  void aNumberAtTheEdgeDrawsATokenThatCanCome() {
    float almostOne = Math.nextDown(1f);
    // The last token is left out by top k, and so are those before the first of its kind.
    long[] tokens =
        draw(
            2,
            new float[] {1, 1},
            new long[] {4, 4},
            new float[] {1, 1},
            new float[] {0, almostOne});
    assertThat(tokens).containsExactly(1, 8);
  }

  private static long[] draw(
      int rows, float[] temperature, long[] topK, float[] topP, float[] numbers) {
    float[] logits = new float[rows * LOGITS.length];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(LOGITS, 0, logits, r * LOGITS.length, LOGITS.length);
    }
    try (NDManager results = manager.newSubManager();
        NDArray tokens =
            script.call(
                results,
                "draw",
                false,
                Script.tensor(results.create(logits, new Shape(rows, LOGITS.length))),
                Script.tensor(results.create(new boolean[rows]).reshape(rows, 1)), // none is greedy
                Script.tensor(results.create(temperature, new Shape(rows, 1))),
                Script.tensor(results.create(topK)),
                IValue.from(6L),
                Script.tensor(results.create(topP)),
                IValue.from(true),
                Script.tensor(results.create(numbers, new Shape(rows, 1))))) {
      return tokens.toLongArray();
    }
  }
}
