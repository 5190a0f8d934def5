package dev.inkling.tensor.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import dev.inkling.model.weights.Weights;
import dev.inkling.spec.Compute.Precision;
import dev.inkling.tensor.Counter;
import dev.inkling.tensor.Torch;
import dev.inkling.tensor.transformer.Decoder.Drawn;
import dev.inkling.tensor.transformer.Decoder.Row;
import dev.inkling.tensor.transformer.Decoder.Score;
import dev.inkling.tensor.transformer.Decoder.Span;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is decoded with kept keys and values is what the whole network gives each time anew. */
class DecoderTest {
  private static final int NEW = 24;

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  static List<String> families() {
    return TinyModel.NAMES;
  }

  private static Transformer load(TinyModel tiny) {
    return Transformer.load(tiny.config(), tiny.weights(), Device.cpu(), Precision.FLOAT32);
  }

  private static Transformer toDecode(TinyModel tiny, List<LoraAdapter> adapters) {
    return Transformer.toDecode(
        tiny.config(), tiny.weights(), adapters, Device.cpu(), Precision.FLOAT32);
  }

  private static int[] prompt(int length, int vocabulary, long seed) {
    return IntStream.range(0, length).map(i -> Counter.below(vocabulary, seed, i)).toArray();
  }

  /** Prompts of these lengths, in slots 0, 1 and so on; all but the last token are read. */
  private static List<int[]> read(Decoder decoder, int vocabulary, int... lengths) {
    List<int[]> prompts = new ArrayList<>();
    List<Span> spans = new ArrayList<>();
    for (int slot = 0; slot < lengths.length; slot++) {
      int[] prompt = prompt(lengths[slot], vocabulary, slot);
      prompts.add(prompt);
      spans.add(new Span(slot, 0, Arrays.copyOf(prompt, prompt.length - 1)));
    }
    decoder.extend(spans, 0);
    return prompts;
  }

  private static List<int[]> greedy(Decoder decoder, List<int[]> sequences, int tokens, int chunk) {
    List<int[]> all = new ArrayList<>(sequences);
    for (int done = 0; done < tokens; done += chunk) {
      int steps = Math.min(chunk, tokens - done);
      List<Row> rows =
          all.stream()
              .map(
                  ids ->
                      new Row(
                          ids[ids.length - 1], ids.length - 1, Choice.GREEDY, 0, new float[steps]))
              .toList();
      List<Drawn> drawn = decoder.decode(rows, steps, 0);
      for (int r = 0; r < all.size(); r++) {
        all.set(r, joined(all.get(r), drawn.get(r).tokens()));
      }
    }
    return all;
  }

  private static int[] joined(int[] a, int[] b) {
    return IntStream.concat(IntStream.of(a), IntStream.of(b)).toArray();
  }

  /** Row-wise logits [T][V]. */
  private static float[][] logits(Transformer network, int[] ids) {
    float[] flat = network.logits(new int[][] {ids});
    int vocabulary = network.config().vocabulary();
    float[][] rows = new float[ids.length][];
    Arrays.setAll(rows, t -> Arrays.copyOfRange(flat, t * vocabulary, (t + 1) * vocabulary));
    return rows;
  }

  private static double[] logprobs(float[] logits) {
    double most = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElseThrow();
    double sum =
        IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i] - most)).sum();
    return IntStream.range(0, logits.length)
        .mapToDouble(i -> logits[i] - most - Math.log(sum))
        .toArray();
  }

  /** The windows of Mistral's and Gemma's layers end long before these sequences do. */
  @ParameterizedTest
  @MethodSource("families")
  void greedyDecodingIsTheMostProbableTokenOfAFullRecompute(String family) {
    TinyModel tiny = TinyModel.of(family);
    try (Transformer network = load(tiny);
        Transformer decoding = toDecode(tiny, List.of());
        Decoder decoder = TransformerDecoder.of(decoding, 1).getFirst()) {
      decoder.allocate(4, 64);
      List<int[]> prompts = read(decoder, tiny.config().vocabulary(), 11, 3, 20);
      for (int[] ids : greedy(decoder, prompts, NEW, 5)) {
        float[][] logits = logits(network, ids);
        for (int t = ids.length - NEW; t < ids.length; t++) {
          float[] before = logits[t - 1];
          float most = before[ids[t]];
          for (float other : before) {
            // Both round, each in its own way.
            assertThat(other).isLessThanOrEqualTo(most + 1e-4f);
          }
        }
      }
    }
  }

  /** As on a GPU, where nothing is laid out anew. */
  @ParameterizedTest
  @MethodSource("families")
  void weightsAsTheyAreDecodeAsThoseThatAreLaidOut(String family) {
    TinyModel tiny = TinyModel.of(family);
    try (Transformer packed = toDecode(tiny, List.of());
        Transformer plain = load(tiny);
        Decoder expected = TransformerDecoder.of(packed, 1).getFirst();
        Decoder decoder = TransformerDecoder.of(plain, 1).getFirst()) {
      List<List<Drawn>> drawn = new ArrayList<>();
      List<List<Score>> scores = new ArrayList<>();
      for (Decoder one : List.of(expected, decoder)) {
        one.allocate(3, 48);
        List<int[]> prompts = read(one, tiny.config().vocabulary(), 9, 14);
        int[] whole = prompt(30, tiny.config().vocabulary(), 5);
        scores.add(one.extend(List.of(span(2, 0, whole, 20)), 2));
        drawn.add(
            one.decode(
                prompts.stream()
                    .map(p -> new Row(p[p.length - 1], p.length - 1, Choice.at(1), 0, uniforms(4)))
                    .toList(),
                4,
                2));
      }
      for (int r = 0; r < 2; r++) {
        assertThat(drawn.get(1).get(r).tokens()).isEqualTo(drawn.get(0).get(r).tokens());
        compare(drawn.get(0).get(r).scores(), drawn.get(1).get(r).scores());
      }
      compare(scores.get(0), scores.get(1));
    }
  }

  private static void compare(List<Score> expected, List<Score> found) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i).logprob()).isCloseTo(expected.get(i).logprob(), within(1e-4f));
      assertThat(found.get(i).tokens()).isEqualTo(expected.get(i).tokens());
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void logprobsOfDrawnTokensAreThoseOfAFullRecompute(String family) {
    TinyModel tiny = TinyModel.of(family);
    try (Transformer network = load(tiny);
        Transformer decoding = toDecode(tiny, List.of());
        Decoder decoder = TransformerDecoder.of(decoding, 1).getFirst()) {
      decoder.allocate(2, 48);
      List<int[]> prompts = read(decoder, tiny.config().vocabulary(), 9, 14);
      float[] uniforms = new float[12];
      for (int i = 0; i < uniforms.length; i++) {
        uniforms[i] = (float) Counter.uniform(7, i);
      }
      List<Row> rows =
          prompts.stream()
              .map(p -> new Row(p[p.length - 1], p.length - 1, Choice.at(1), 0, uniforms))
              .toList();
      List<Drawn> drawn = decoder.decode(rows, uniforms.length, 3);
      for (int r = 0; r < drawn.size(); r++) {
        int[] ids = joined(prompts.get(r), drawn.get(r).tokens());
        compare(network, ids, prompts.get(r).length, drawn.get(r).scores());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void givenTokensAreScoredAsByTheFullForwardPassAlsoBehindACopiedPrefix(String family) {
    TinyModel tiny = TinyModel.of(family);
    int vocabulary = tiny.config().vocabulary();
    try (Transformer network = load(tiny);
        Transformer decoding = toDecode(tiny, List.of());
        Decoder decoder = TransformerDecoder.of(decoding, 1).getFirst()) {
      decoder.allocate(3, 64);
      int[] whole = prompt(30, vocabulary, 5);
      int[] other = joined(Arrays.copyOf(whole, 18), prompt(9, vocabulary, 6));
      Span fresh = span(0, 0, whole, 25);
      compare(network, whole, 25, decoder.extend(List.of(fresh), 3));

      decoder.copy(new int[] {0}, new int[] {2}, 18);
      List<Score> both = decoder.extend(List.of(span(2, 18, other, 20), span(1, 0, whole, 28)), 3);
      compare(network, other, 20, both.subList(0, 7));
      compare(network, whole, 28, both.subList(7, 9));
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void adaptersAreAddedBeforeMatricesAreLaidOutForDecoding(String family) {
    TinyModel tiny = TinyModel.of(family);
    LoraAdapter adapter = tiny.adapter();
    int[] ids = prompt(21, tiny.config().vocabulary(), 3);
    try (Transformer network = load(tiny);
        Transformer decoding = toDecode(tiny, List.of(adapter, adapter));
        Decoder decoder = TransformerDecoder.of(decoding, 1).getFirst()) {
      network.merge(adapter);
      network.merge(adapter);
      decoder.allocate(1, 32);
      compare(network, ids, 5, decoder.extend(List.of(span(0, 0, ids, 5)), 3));
    }
  }

  @Test
  void theEmbeddingStaysAsTheFileHasIt() {
    TinyModel tiny = TinyModel.of("mistral");
    try (Weights stored = tiny.weights();
        Transformer decoding = toDecode(tiny, List.of())) {
      assertThat(stored.tensor("model.embed_tokens.weight").type()).isEqualTo(Weights.DType.F16);
      assertThat(decoding.weights().getFirst().getDataType()).isEqualTo(DataType.FLOAT16);
    }
  }

  @Test
  void anAdapterIsRefusedOnceMatricesAreLaidOut() {
    TinyModel tiny = TinyModel.of("llama");
    try (Transformer decoding = toDecode(tiny, List.of())) {
      assumeTrue(decoding.packed(), "torch has oneDNN on x86 only");
      assertThatThrownBy(() -> decoding.merge(tiny.adapter()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("add adapters before");
    }
  }

  private static Span span(int slot, int begin, int[] ids, int from) {
    return new Span(
        slot,
        begin,
        Arrays.copyOfRange(ids, begin, ids.length - 1),
        Arrays.copyOfRange(ids, from, ids.length));
  }

  private static void compare(Transformer network, int[] ids, int from, List<Score> scores) {
    float[][] logits = logits(network, ids);
    assertThat(scores).hasSize(ids.length - from);
    for (int t = from; t < ids.length; t++) {
      double[] expected = logprobs(logits[t - 1]);
      Score score = scores.get(t - from);
      assertThat((double) score.logprob()).isCloseTo(expected[ids[t]], within(1e-4));
      double[] best = Arrays.stream(expected).sorted().toArray();
      for (int i = 0; i < score.tokens().length; i++) {
        assertThat((double) score.logprobs()[i])
            .isCloseTo(expected[score.tokens()[i]], within(1e-4))
            .isCloseTo(best[best.length - 1 - i], within(1e-4));
      }
    }
  }

  /** Many rows are drawn a part at a time. */
  @Test
  void ofManyRowsEachIsDrawnAsIfItWereAlone() {
    TinyModel tiny = TinyModel.of("llama");
    int[] ids = prompt(10, tiny.config().vocabulary(), 3);
    try (Transformer network = toDecode(tiny, List.of());
        Decoder decoder = TransformerDecoder.of(network, 1).getFirst()) {
      decoder.allocate(150, 32);
      decoder.extend(List.of(new Span(0, 0, Arrays.copyOf(ids, 9))), 0);
      decoder.copy(new int[150], IntStream.range(0, 150).toArray(), 9);
      List<Row> rows =
          IntStream.range(0, 150)
              .mapToObj(r -> new Row(ids[9], 9, Choice.at(0.5 + r % 3), 0, uniforms(r)))
              .toList();
      List<Drawn> together = decoder.decode(rows, 4, 0);
      for (int r : new int[] {0, 63, 64, 127, 128, 149}) {
        assertThat(decoder.decode(List.of(rows.get(r)), 4, 0).getFirst().tokens())
            .isEqualTo(together.get(r).tokens());
      }
    }
  }

  private static float[] uniforms(int row) {
    float[] uniforms = new float[4];
    for (int i = 0; i < uniforms.length; i++) {
      uniforms[i] = (float) Counter.uniform(row, i);
    }
    return uniforms;
  }

  @Test
  void decodingLeavesNoTensorsBehind() {
    TinyModel tiny = TinyModel.of("gemma3");
    int vocabulary = tiny.config().vocabulary();
    TokenTable table = new TokenTable(2, 2, new int[] {1, 0, 0, 1}, prompt(vocabulary, 2, 9));
    Choice choice = new Choice(0.7, 20, 0.9, Optional.of(table));
    try (Transformer network = toDecode(tiny, List.of());
        TransformerDecoder decoder =
            (TransformerDecoder) TransformerDecoder.of(network, 1).getFirst()) {
      int before = 0;
      for (int i = 0; i < 200; i++) {
        if (i % 50 == 0) {
          decoder.allocate(4, 32 + i);
        }
        int[] ids = prompt(12, vocabulary, i);
        decoder.extend(List.of(span(0, 0, ids, 9)), 2);
        decoder.copy(new int[] {0, 0}, new int[] {1, 2}, 8);
        Row row = new Row(ids[11], 11, choice, 0, new float[] {0.1f, 0.5f, 0.9f});
        decoder.decode(List.of(row, row), 3, 2);
        if (i == 0) {
          before = decoder.manager().getManagedArrays().size();
        }
      }
      // Keys and values of each layer, and the table.
      assertThat(before).isEqualTo(tiny.config().layers() + 2);
      assertThat(decoder.manager().getManagedArrays()).hasSize(before);
    }
  }
}
