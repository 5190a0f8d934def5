package dev.inkling.model.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.inkling.model.Answer;
import dev.inkling.model.Answer.End;
import dev.inkling.model.Answer.TokenLogprobs;
import dev.inkling.model.Message;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.spec.Compute.Precision;
import dev.inkling.spec.Decoding;
import dev.inkling.tensor.Torch;
import dev.inkling.tensor.transformer.LoraAdapter;
import dev.inkling.tensor.transformer.TokenTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of tiny random models, against the whole network computed anew for each token. */
@Timeout(120)
class OpenWeightsTest {
  private static final Path MODELS = Path.of("src/test/resources/dev/inkling/model/weights");
  private static final List<Message> WHAT =
      List.of(Message.system("you are brief"), Message.user("the owl?"));

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  private static ModelDirectory directory(String family) throws Exception {
    return ModelDirectory.open(MODELS.resolve(family));
  }

  private static OpenWeights open(ModelDirectory directory, int slots) {
    return OpenWeights.open(
        directory,
        List.of(),
        new Settings(Device.cpu(), Precision.FLOAT32, slots, 64 << 20),
        notice -> {
          throw new AssertionError(notice);
        });
  }

  private static Question ask(List<Message> messages, Decoding decoding, long seed) {
    return new Question(messages, decoding, OptionalLong.of(seed), 0);
  }

  private static Decoding sampled(double temperature, int tokens) {
    return new Decoding(false, temperature, 1, tokens);
  }

  private static Decoding matching(String pattern, int tokens) {
    return new Decoding(
        false, 1, 1, tokens, Optional.empty(), Optional.empty(), Optional.of(pattern));
  }

  private static List<Answer> answers(OpenWeights model, List<Question> questions)
      throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> futures =
          questions.stream().map(q -> threads.submit(() -> model.ask(q).answer())).toList();
      List<Answer> answers = new ArrayList<>();
      for (Future<Answer> future : futures) {
        answers.add(future.get());
      }
      return answers;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "smollm", "mistral", "qwen2", "qwen3", "gemma3"})
  void aGreedyAnswerHasTheMostProbableTokens(String family) throws Exception {
    try (ModelDirectory directory = directory(family);
        Plain plain = new Plain(directory, List.of());
        OpenWeights model = open(directory, 4)) {
      Answer answer = model.ask(ask(WHAT, new Decoding(true, 1, 1, 12), 1)).answer();

      int[] prompt = directory.prompt(WHAT);
      int[] ids = Arrays.copyOf(prompt, prompt.length + 12);
      int length = prompt.length;
      while (length < ids.length) {
        double[] logprobs = plain.after(ids, length);
        int best =
            IntStream.range(0, logprobs.length)
                .reduce((a, b) -> logprobs[b] > logprobs[a] ? b : a)
                .orElseThrow();
        if (directory.tokenizer().stopTokens().contains(best)) {
          break;
        }
        ids[length++] = best;
      }
      int[] tokens = Arrays.copyOfRange(ids, prompt.length, length);
      assertThat(answer.text()).isEqualTo(directory.tokenizer().decode(tokens));
      assertThat(answer.usage()).isEqualTo(new Answer.Usage(prompt.length, tokens.length));
      assertThat(answer.end() == End.TRUNCATED).isEqualTo(length == ids.length);
    }
  }

  @Test
  void answersDependOnTheirSeedAndNotOnWhatIsAnsweredBesideThem() throws Exception {
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      List<Message> messages =
          i % 2 == 0 ? WHAT : List.of(Message.user("number " + "12, ".repeat(1 + i / 4)));
      questions.add(ask(messages, sampled(i % 3 == 0 ? 0.7 : 1, 1 + i % 20), i));
    }
    List<List<String>> texts = new ArrayList<>();
    try (ModelDirectory directory = directory("smollm")) {
      for (int slots : new int[] {1, 2, 7, 32}) {
        try (OpenWeights model = open(directory, slots)) {
          List<Integer> order = new ArrayList<>(IntStream.range(0, 40).boxed().toList());
          Collections.shuffle(order, new Random(slots));
          List<Answer> answers = answers(model, order.stream().map(questions::get).toList());
          String[] found = new String[40];
          for (int i = 0; i < 40; i++) {
            found[order.get(i)] = answers.get(i).text();
          }
          texts.add(List.of(found));
        }
      }
    }
    assertThat(texts).allMatch(texts.getFirst()::equals);
    assertThat(texts.getFirst().stream().distinct().count()).isGreaterThan(30);
  }

  @Test
  void tokensComeAsOftenAsTheirProbabilitiesSay() throws Exception {
    int samples = 4000;
    try (ModelDirectory directory = directory("llama");
        Plain plain = new Plain(directory, List.of());
        OpenWeights model = open(directory, 64)) {
      List<Question> questions =
          IntStream.range(0, samples)
              .mapToObj(i -> new Question(WHAT, sampled(0.8, 1), OptionalLong.of(i), 1))
              .toList();
      Map<String, Integer> counts = new TreeMap<>();
      for (Answer answer : answers(model, questions)) {
        counts.merge(answer.text(), 1, Integer::sum);
      }

      int[] prompt = directory.prompt(WHAT);
      double[] logits = plain.after(prompt, prompt.length);
      double[] logprobs = Plain.logSoftmax(Arrays.stream(logits).map(z -> z / 0.8).toArray());
      Map<String, Double> expected = new TreeMap<>();
      for (int token = 0; token < logprobs.length; token++) {
        String text = directory.tokenizer().decode(new int[] {token});
        expected.merge(text, samples * Math.exp(logprobs[token]), Double::sum);
      }
      assertThat(chiSquare(counts, expected)).isLessThan(1);
    }
  }

  /** Pearson's statistic over what it exceeds once in ten thousand times; rare texts together. */
  private static double chiSquare(Map<String, Integer> counts, Map<String, Double> expected) {
    double statistic = 0;
    double rare = 0;
    double rareSeen = 0;
    int cells = 0;
    assertThat(expected.keySet()).containsAll(counts.keySet());
    for (Map.Entry<String, Double> cell : expected.entrySet()) {
      int seen = counts.getOrDefault(cell.getKey(), 0);
      if (cell.getValue() < 8) {
        rare += cell.getValue();
        rareSeen += seen;
      } else {
        statistic += Math.pow(seen - cell.getValue(), 2) / cell.getValue();
        cells++;
      }
    }
    statistic += rare > 0 ? Math.pow(rareSeen - rare, 2) / rare : 0;
    assertThat(cells).isGreaterThan(4);
    return statistic / ChiSquaredDistribution.of(cells).inverseSurvivalProbability(1e-4);
  }

  @Test
  void everyAnswerMatchesItsPattern() throws Exception {
    List<String> patterns =
        List.of("[0-9]{1,3}(, [0-9]{1,3}){2}", "yes|no|maybe", "[a-z ]{3,8}\\.", "(owl|the){1,4}!");
    try (ModelDirectory directory = directory("smollm");
        OpenWeights model = open(directory, 16)) {
      // Four patterns and none, side by side.
      List<Question> questions =
          IntStream.range(0, 100)
              .mapToObj(
                  i ->
                      ask(
                          WHAT,
                          i % 5 == 4 ? sampled(1, 30) : matching(patterns.get(i % 5), 200),
                          i))
              .toList();
      List<Answer> answers = answers(model, questions);
      for (int i = 0; i < answers.size(); i++) {
        if (i % 5 != 4) {
          assertThat(answers.get(i).text()).matches(patterns.get(i % 5));
          assertThat(answers.get(i).end()).isEqualTo(End.COMPLETE);
        }
      }
    }
  }

  @Test
  void answersThatMatchComeWithTheirRenormalisedProbabilities() throws Exception {
    String pattern = "(a|b|ca?)[xyz]?";
    int samples = 3000;
    try (ModelDirectory directory = directory("smollm");
        Plain plain = new Plain(directory, List.of());
        OpenWeights model = open(directory, 64)) {
      Map<String, Integer> counts = new TreeMap<>();
      for (Answer answer :
          answers(
              model,
              IntStream.range(0, samples)
                  .mapToObj(i -> ask(WHAT, matching(pattern, 20), 7L * i))
                  .toList())) {
        counts.merge(answer.text(), 1, Integer::sum);
      }
      Map<String, Double> expected = new TreeMap<>();
      TokenTable table =
          TokenPattern.table(
              pattern,
              directory.config().vocabulary(),
              directory.tokenizer()::bytes,
              directory.tokenizer().stopTokens());
      enumerate(plain, directory, table, directory.prompt(WHAT), "", 0, samples, expected);
      assertThat(expected.values().stream().mapToDouble(d -> d).sum())
          .isCloseTo(samples, within(1e-6));
      assertThat(expected).hasSize(16);
      assertThat(chiSquare(counts, expected)).isLessThan(1);
    }
  }

  /** All ways through the table, by tokens, with how often each is to come. */
  private static void enumerate(
      Plain plain,
      ModelDirectory directory,
      TokenTable table,
      int[] ids,
      String text,
      int state,
      double often,
      Map<String, Double> expected) {
    double[] logprobs = plain.after(ids, ids.length);
    int[] allowed =
        IntStream.range(0, logprobs.length).filter(t -> table.next(state, t) >= 0).toArray();
    double sum = Arrays.stream(allowed).mapToDouble(t -> Math.exp(logprobs[t])).sum();
    for (int token : allowed) {
      double share = often * Math.exp(logprobs[token]) / sum;
      if (directory.tokenizer().stopTokens().contains(token)) {
        expected.merge(text, share, Double::sum);
      } else {
        int[] further = Arrays.copyOf(ids, ids.length + 1);
        further[ids.length] = token;
        String written = text + directory.tokenizer().decode(new int[] {token});
        enumerate(
            plain, directory, table, further, written, table.next(state, token), share, expected);
      }
    }
  }

  private static Question forced(String opening, String continuation, int alternatives) {
    return new Question(
        WHAT,
        sampled(1, 10),
        OptionalLong.empty(),
        alternatives,
        Optional.of(new Question.Forced(opening, continuation)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"smollm", "mistral", "gemma3"})
  void aGivenAnswerHasTheLogprobsOfTheFullForwardPass(String family) throws Exception {
    try (ModelDirectory directory = directory(family);
        Plain plain = new Plain(directory, List.of());
        OpenWeights model = open(directory, 8)) {
      List<String> continuations = List.of(" owl", " cat", " owl and the owl", "x");
      List<Answer> answers =
          answers(
              model, continuations.stream().map(c -> forced("my favourite is the", c, 2)).toList());
      for (int i = 0; i < answers.size(); i++) {
        String opened = directory.chatTemplate().render(WHAT, true) + "my favourite is the";
        int[] whole = directory.tokenizer().encode(opened + continuations.get(i));
        int from = directory.tokenizer().encode(opened).length;
        Answer answer = answers.get(i);
        assertThat(answer.text()).isEqualTo(continuations.get(i));
        assertThat(answer.end()).isEqualTo(End.COMPLETE);
        assertThat(
                answer.logprobs().stream().map(TokenLogprobs::token).collect(Collectors.joining()))
            .isEqualTo(continuations.get(i));
        for (int t = from; t < whole.length; t++) {
          double[] expected = plain.after(whole, t);
          TokenLogprobs found = answer.logprobs().get(t - from);
          assertThat(found.logprob()).isCloseTo(expected[whole[t]], within(1e-4));
          assertThat(found.top().getFirst().logprob())
              .isCloseTo(Arrays.stream(expected).max().orElseThrow(), within(1e-4));
          assertThat(found.top()).hasSize(2);
        }
      }
    }
  }

  @Test
  void aTokenThatCoversTheEndOfTheOpeningIsScoredAsAWhole() throws Exception {
    try (ModelDirectory directory = directory("smollm");
        Plain plain = new Plain(directory, List.of());
        OpenWeights model = open(directory, 8)) {
      // The tokenizer has one token for " owl" and none that ends in its middle.
      Answer answer = model.ask(forced("an ow", "l", 0)).answer();

      String opened = directory.chatTemplate().render(WHAT, true) + "an";
      int[] whole = directory.tokenizer().encode(opened + " owl");
      assertThat(answer.text()).isEqualTo("l");
      assertThat(answer.logprobs()).hasSize(1);
      assertThat(answer.logprobs().getFirst().token()).isEqualTo(" owl");
      assertThat(answer.logprobs().getFirst().logprob())
          .isCloseTo(plain.after(whole, whole.length - 1)[whole[whole.length - 1]], within(1e-4));
      assertThat(model.ask(forced("an owl", "", 0)).answer().logprobs()).isEmpty();
    }
  }

  @Test
  void anAdapterIsPartOfTheModel() throws Exception {
    try (ModelDirectory directory = directory("qwen2")) {
      LoraAdapter adapter = LoraAdapter.read(MODELS.resolve("qwen2/adapter"), directory.config());
      try (Plain with = new Plain(directory, List.of(adapter));
          Plain without = new Plain(directory, List.of());
          OpenWeights model =
              OpenWeights.open(
                  directory,
                  List.of(adapter),
                  new Settings(Device.cpu(), Precision.FLOAT32, 2, 1 << 20),
                  _ -> {})) {
        TokenLogprobs found = model.ask(forced("", "x", 0)).answer().logprobs().getFirst();
        int[] prompt = directory.prompt(WHAT);
        int x = directory.tokenizer().encode("x")[0];
        assertThat(found.logprob())
            .isCloseTo(with.after(prompt, prompt.length)[x], within(1e-4))
            .isNotCloseTo(without.after(prompt, prompt.length)[x], within(1e-2));
      }
    }
  }

  @Test
  void drawnTokensComeWithTheNetworksOwnLogprobs() throws Exception {
    try (ModelDirectory directory = directory("qwen3");
        Plain plain = new Plain(directory, List.of());
        OpenWeights model = open(directory, 2)) {
      // Temperature and pattern decide what is drawn, and not what is told of it.
      Decoding decoding =
          new Decoding(
              false, 0.5, 0.9, 6, Optional.empty(), Optional.of(5), Optional.of("[0-9]{6}"));
      Answer answer = model.ask(new Question(WHAT, decoding, OptionalLong.of(3), 4)).answer();
      int[] prompt = directory.prompt(WHAT);
      int[] ids =
          IntStream.concat(
                  IntStream.of(prompt), IntStream.of(directory.tokenizer().encode(answer.text())))
              .toArray();
      assertThat(answer.text()).matches("[0-9]{6}");
      for (int t = prompt.length; t < ids.length; t++) {
        TokenLogprobs found = answer.logprobs().get(t - prompt.length);
        double[] expected = plain.after(ids, t);
        assertThat(found.logprob()).isCloseTo(expected[ids[t]], within(1e-4));
        assertThat(found.top()).hasSize(4);
      }
    }
  }

  @Test
  void whatDoesNotFitTheContextIsCutOrRefusedByName() throws Exception {
    try (ModelDirectory directory = directory("llama");
        OpenWeights model = open(directory, 2)) {
      int context = directory.config().context();
      int others = directory.prompt(List.of(Message.user(""))).length;
      List<Message> nearly = List.of(Message.user("x".repeat(context - others - 3)));
      Answer cut = model.ask(ask(nearly, matching("[a-z]{50}", 50), 1)).answer();
      assertThat(cut.end()).isEqualTo(End.TRUNCATED);
      assertThat(cut.text()).matches("[a-z]{3}");

      List<Message> over = List.of(Message.user("x".repeat(context - others)));
      assertThatThrownBy(() -> model.ask(ask(over, sampled(1, 5), 1)))
          .isInstanceOfSatisfying(
              ModelException.class,
              e -> assertThat(e.reason()).isEqualTo(ModelException.Reason.REFUSED))
          .hasMessage(
              "the question has 256 tokens, and with its answer more than the model's context of"
                  + " 256. Shorten it");
    }
  }

  @Test
  void aPatternThatCannotBeFollowedIsRefused() throws Exception {
    try (ModelDirectory directory = directory("llama");
        OpenWeights model = open(directory, 2)) {
      assertThatThrownBy(() -> model.ask(ask(WHAT, matching("(a)\\1", 9), 1)))
          .isInstanceOfSatisfying(
              ModelException.class,
              e -> assertThat(e.reason()).isEqualTo(ModelException.Reason.REFUSED))
          .hasMessageContaining("back references");
      // The tokenizer of this model has no such letter, nor single bytes.
      assertThatThrownBy(() -> model.ask(ask(WHAT, matching("é+", 9), 1)))
          .hasMessageContaining("no sequence of this model's tokens matches");
    }
  }
}
