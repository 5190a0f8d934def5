package dev.inkling.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.inkling.model.Answer;
import dev.inkling.model.Message;
import dev.inkling.model.Question;
import dev.inkling.model.open.OpenWeights;
import dev.inkling.model.open.Settings;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.model.weights.TinyModels;
import dev.inkling.spec.Compute.Precision;
import dev.inkling.spec.Decoding;
import dev.inkling.stage.Monitor;
import dev.inkling.tensor.Counter;
import dev.inkling.tensor.Torch;
import dev.inkling.tensor.transformer.LoraAdapter;
import dev.inkling.tensor.transformer.LoraSettings;
import dev.inkling.tensor.transformer.Projection;
import dev.inkling.tensor.transformer.Transformer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An adapter on top of another: training, sampling and merging mean the same model by it. */
class ChainedAdaptersTest {
  private static final List<Message> ASKED = List.of(Message.user("the owl?"));
  private static final String SAID = "owl, owl and owl";

  @TempDir Path home;

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  /** Large enough to be seen, and of other matrices and another rank each time. */
  private static LoraAdapter adapter(ModelDirectory model, int rank, Projection... targets) {
    LoraAdapter adapter =
        LoraAdapter.initial(
            model.config(), new LoraSettings(rank, 8, false, 0, List.of(targets)), rank);
    for (Map<Projection, LoraAdapter.Pair> layer : adapter.layers()) {
      for (Projection target : targets) {
        float[] b = layer.get(target).b();
        for (int i = 0; i < b.length; i++) {
          b[i] = (float) (0.2 * Counter.normal(rank, i));
        }
      }
    }
    return adapter;
  }

  private static float[] logits(ModelDirectory model, List<LoraAdapter> adapters, int[] ids) {
    try (Transformer network =
        Transformer.load(model.config(), model.weights(), Device.cpu(), Precision.FLOAT32)) {
      adapters.forEach(network::merge);
      return network.logits(new int[][] {ids});
    }
  }

  @Test
  void trainingSamplingAndMergingComputeTheSameLogits() throws Exception {
    Path base = TinyModels.copy("smollm", 2048, home.resolve("base"));
    try (ModelDirectory model = ModelDirectory.open(base)) {
      LoraAdapter first = adapter(model, 3, Projection.QUERY, Projection.DOWN);
      LoraAdapter second = adapter(model, 5, Projection.DOWN, Projection.VALUE, Projection.GATE);
      first.write(home.resolve("first"), "base");
      Path student = Files.createDirectories(home.resolve("student"));
      second.write(student, "base");
      TunedWeights.ofAdapter(student, List.of(home.resolve("first")));
      new OpenModels(home, Map.of())
          .merge(student, base.toString(), home.resolve("merged"), Monitor.silent());

      int[] prompt = model.prompt(ASKED);
      int[] ids =
          IntStream.concat(IntStream.of(prompt), IntStream.of(model.tokenizer().encode(SAID)))
              .toArray();
      float[] chained = logits(model, List.of(first, second), ids);
      float[] last = logits(model, List.of(second), ids);
      try (ModelDirectory merged = ModelDirectory.open(home.resolve("merged"))) {
        float[] found = logits(merged, List.of(), ids);
        double most = 0;
        for (int i = 0; i < found.length; i++) {
          assertThat((double) found[i]).isCloseTo(chained[i], within(1e-5));
          most = Math.max(most, Math.abs(last[i] - chained[i]));
        }
        assertThat(most).as("what the first adapter does").isGreaterThan(0.01);
      }
      double[] asked = asked(model, List.of(first, second));
      int vocabulary = model.config().vocabulary();
      for (int t = prompt.length; t < ids.length; t++) {
        float[] row = Arrays.copyOfRange(chained, (t - 1) * vocabulary, t * vocabulary);
        assertThat(asked[t - prompt.length]).isCloseTo(logSoftmax(row, ids[t]), within(1e-5));
      }
    }
  }

  /** The log-probability of each token, as evaluations ask for it. */
  private static double[] asked(ModelDirectory model, List<LoraAdapter> adapters) throws Exception {
    Settings settings = new Settings(Device.cpu(), Precision.FLOAT32, 2, 1 << 20);
    try (OpenWeights worker = OpenWeights.open(model, adapters, settings, _ -> {})) {
      Question question =
          new Question(
              ASKED,
              new Decoding(true, 1, 1, 1),
              OptionalLong.empty(),
              0,
              Optional.of(new Question.Forced("", SAID)));
      return worker.ask(question).answer().logprobs().stream()
          .mapToDouble(Answer.TokenLogprobs::logprob)
          .toArray();
    }
  }

  private static double logSoftmax(float[] logits, int token) {
    double sum = 0;
    for (float z : logits) {
      sum += Math.exp(z);
    }
    return logits[token] - Math.log(sum);
  }
}
