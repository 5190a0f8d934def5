package dev.inkling.model.hosted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.model.Answer;
import dev.inkling.model.LanguageModel;
import dev.inkling.model.Message;
import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.Question;
import dev.inkling.model.hosted.Batches.Order;
import dev.inkling.model.hosted.Batches.Standing;
import dev.inkling.model.hosted.Batches.State;
import dev.inkling.provider.FakeProcess;
import dev.inkling.spec.Decoding;
import dev.inkling.spec.HostedModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both providers' batches through the real clients. */
@Timeout(120)
class BatchesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TAG = "0123456789abcdef01234567";

  @TempDir Path directory;
  private FakeProcess provider;
  private Credentials credentials;
  private final Providers providers = new Providers(Clock.systemUTC(), Duration.ofSeconds(30));

  @BeforeEach
  void start() throws Exception {
    provider = new FakeProcess(directory.resolve("ledger.jsonl"));
    credentials =
        Credentials.of(
            Map.of(
                "OPENAI_API_KEY",
                "a",
                "OPENAI_BASE_URL",
                provider.openAiUrl(),
                "ANTHROPIC_API_KEY",
                "b",
                "ANTHROPIC_BASE_URL",
                provider.url()));
  }

  @AfterEach
  void stop() throws Exception {
    providers.close();
    provider.close();
  }

  private Batches batches(HostedModel.Provider whose) throws ModelException {
    return providers.batches(model(whose), credentials);
  }

  private static HostedModel model(HostedModel.Provider whose) {
    return HostedModel.of(whose, "some-model");
  }

  private static Question question(int number) {
    return new Question(
        List.of(Message.system("You are brief: „ü\"\n."), Message.user("What is " + number + "?")),
        new Decoding(false, 0.5, 1, 20),
        OptionalLong.of(number),
        0);
  }

  private Order order(Batches batches, String tag, int count) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      lines.write((i + " ").getBytes(UTF_8));
      lines.write(batches.body(question(i)));
      lines.write('\n');
    }
    Path file = Files.write(directory.resolve(tag + ".txt"), lines.toByteArray());
    return new Order(tag, file, count, Optional.of(Instant.now()), Set.of());
  }

  /** Makes what is not there; nothing is ever lost. */
  private static final class Plainly implements Batches.Effects {
    @Override
    public <T> T once(String name, Batches.Call<Optional<T>> find, Batches.Call<T> make)
        throws ModelException, IOException, InterruptedException {
      Optional<T> there = find.run();
      return there.isPresent() ? there.get() : make.run();
    }
  }

  /** What became of each request. */
  private static final class Outcome implements Batches.Results {
    private final Map<Long, String> texts = new TreeMap<>();
    private final Map<Long, ModelException> failures = new TreeMap<>();

    @Override
    public void answered(long number, Answer answer) {
      texts.put(number, answer.text());
    }

    @Override
    public void failed(long number, ModelException why) {
      failures.put(number, why);
    }
  }

  private Outcome outcome(Batches batches, Order order) throws Exception {
    Standing standing = batches.submit(order, new Plainly());
    Standing ended = batches.look(standing.id()).orElseThrow();
    assertThat(ended.state()).isEqualTo(State.ENDED);
    Path file = directory.resolve("results.jsonl");
    assertThat(batches.download(ended, file)).isTrue();
    Outcome outcome = new Outcome();
    batches.read(file, order, outcome);
    return outcome;
  }

  @ParameterizedTest
  @EnumSource
  void aBatchedQuestionIsTheDirectOneAndHasItsAnswer(HostedModel.Provider whose) throws Exception {
    Batches batches = batches(whose);
    Outcome outcome = outcome(batches, order(batches, TAG, 3));
    assertThat(outcome.failures).isEmpty();
    try (LanguageModel direct = providers.open(model(whose), credentials)) {
      for (int i = 0; i < 3; i++) {
        assertThat(direct.ask(question(i)).answer().text()).isEqualTo(outcome.texts.get((long) i));
        assertThat(JSON.readTree(batches.body(question(i)))).isEqualTo(provider.last());
      }
    }
    // The provider has billed each of them twice: they are the same request.
    assertThat(provider.billed().path("distinct").asInt()).isEqualTo(3);
    assertThat(provider.billed().path("accepted").asInt()).isEqualTo(6);
  }

  @ParameterizedTest
  @EnumSource
  void itIsFoundOnWhateverPageOfTheListItStands(HostedModel.Provider whose) throws Exception {
    Batches batches = batches(whose);
    Order order = order(batches, TAG, 2);
    Standing first = batches.submit(order, new Plainly());
    for (int i = 0; i < 7; i++) {
      batches.submit(order(batches, TAG.replace('0', (char) ('a' + i)), 2), new Plainly());
    }
    assertThat(provider.effects("batch")).hasSize(8);

    assertThat(batches.find(order)).map(Standing::id).contains(first.id());
    assertThat(batches.submit(order, new Plainly()).id()).isEqualTo(first.id());
    assertThat(batches.find(order(batches, "f".repeat(24), 2))).isEmpty();
  }

  @Test
  void atAnthropicOneThatRunsMayBeOurs() throws Exception {
    Batches batches = batches(HostedModel.Provider.ANTHROPIC);
    provider.behave("{\"batching\": {\"takesMs\": 3600000}}");
    Standing running = batches.submit(order(batches, TAG, 2), new Plainly());
    Order ours = order(batches, "f".repeat(24), 2);

    assertThatThrownBy(() -> batches.find(ours))
        .isInstanceOfSatisfying(
            ModelException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE);
              assertThat(e.retryAfter()).contains(Duration.ofMinutes(1));
            })
        .hasMessageContaining(running.id());
    // It has another size, is known, or came long before: then it is not.
    assertThat(batches.find(order(batches, "e".repeat(24), 3))).isEmpty();
    Order knowing = new Order(ours.tag(), ours.requests(), 2, ours.since(), Set.of(running.id()));
    assertThat(batches.find(knowing)).isEmpty();
    Optional<Instant> hourLater = ours.since().map(since -> since.plusSeconds(3600));
    Order late = new Order(ours.tag(), ours.requests(), 2, hourLater, Set.of());
    assertThat(batches.find(late)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void requestsThatFailHaveReasonsAndTheOthersAnswers(HostedModel.Provider whose) throws Exception {
    Batches batches = batches(whose);
    provider.behave("{\"batching\": {\"failEvery\": 2, \"expires\": true}}");
    Outcome outcome = outcome(batches, order(batches, TAG, 8));

    assertThat(outcome.texts.keySet()).containsExactly(1L, 3L);
    assertThat(outcome.failures.keySet()).containsExactly(0L, 2L, 4L, 5L, 6L, 7L);
    assertThat(outcome.failures.values())
        .allMatch(e -> e.reason() == Reason.UNAVAILABLE)
        .allMatch(e -> e.getMessage().contains(whose.word()));
    assertThat(outcome.failures.get(0L)).hasMessageContaining("500");
  }

  @ParameterizedTest
  @EnumSource
  void oneThatIsCancelledKeepsWhatItHasAnswered(HostedModel.Provider whose) throws Exception {
    Batches batches = batches(whose);
    provider.behave("{\"batching\": {\"takesMs\": 3600000}}");
    Order order = order(batches, TAG, 8);
    Standing running = batches.submit(order, new Plainly());
    assertThat(running.state()).isEqualTo(State.RUNNING);
    batches.cancel(running.id());

    assertThat(outcome(batches, order).texts).hasSize(4);
    assertThat(provider.effects("batch")).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotThereAndWhatIsNotOursIsNoticed(HostedModel.Provider whose) throws Exception {
    Batches batches = batches(whose);
    assertThat(batches.look("batch_unknown")).isEmpty();
    Order order = order(batches, TAG, 2);
    outcome(batches, order);
    Order another = order(batches, "f".repeat(24), 2);
    Path results = directory.resolve("results.jsonl");
    assertThatThrownBy(() -> batches.read(results, another, new Outcome()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("another batch");
    Files.writeString(results, "{\"custom_id\": \"" + TAG);
    assertThatThrownBy(() -> batches.read(results, order, new Outcome()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no JSON");
  }
}
