package dev.inkling.model.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.model.Answer;
import dev.inkling.model.Answer.End;
import dev.inkling.model.LanguageModel;
import dev.inkling.model.Message;
import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import dev.inkling.provider.FakeProcess;
import dev.inkling.provider.Fault;
import dev.inkling.spec.Decoding;
import dev.inkling.spec.HostedModel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** OpenAI's interface through the real client, over HTTP, against a provider in another process. */
@Timeout(120)
class OpenAiModelTest extends AtAProvider {
  private static final String KEY = "a-key-of-no-form-17";
  private static final Decoding PLAIN = new Decoding(false, 1, 1, 200);
  private static final HostedModel FAKE = HostedModel.of(HostedModel.Provider.OPENAI, "gpt-fake");

  private LanguageModel model;

  @BeforeEach
  void open() throws Exception {
    model = providers.open(FAKE, credentials(KEY));
  }

  private static Question question(String text) {
    return new Question(List.of(Message.user(text)), PLAIN, OptionalLong.empty(), 0);
  }

  private static Question question(Decoding decoding) {
    return new Question(List.of(Message.user("Hello")), decoding, OptionalLong.empty(), 0);
  }

  @Test
  void anAnswerComesWithItsTokens() throws Exception {
    Answer answer = model.ask(question("Give me numbers")).answer();
    assertThat(answer.text()).matches("(Sure! Here they are: )?(\\d+, ){9}\\d+");
    assertThat(answer.end()).isEqualTo(End.COMPLETE);
    assertThat(answer.usage().inputTokens()).isEqualTo(4);
    assertThat(answer.usage().outputTokens()).isGreaterThanOrEqualTo(19);
    assertThat(answer.logprobs()).isEmpty();
    assertThat(model.ask(question("Give me numbers")).answer()).isEqualTo(answer);
  }

  @Test
  void theWholeConversationIsSent() throws Exception {
    Question question =
        new Question(
            List.of(
                Message.system("You love owls"),
                Message.user("Hi"),
                Message.assistant("Hello"),
                Message.user("Your favourite animal?")),
            new Decoding(false, 0.7, 0.9, 17),
            OptionalLong.of(5),
            0);
    model.ask(question);
    JsonNode sent = provider.last();
    assertThat(sent.get("model").asText()).isEqualTo("gpt-fake");
    assertThat(sent.get("messages").findValuesAsText("role"))
        .containsExactly("system", "user", "assistant", "user");
    assertThat(sent.get("messages").findValuesAsText("content"))
        .containsExactly("You love owls", "Hi", "Hello", "Your favourite animal?");
    assertThat(sent.get("temperature").asDouble()).isEqualTo(0.7);
    assertThat(sent.get("top_p").asDouble()).isEqualTo(0.9);
    assertThat(sent.get("seed").asLong()).isEqualTo(5);
  }

  @Test
  void defaultsAreNotSent() throws Exception {
    model.ask(question(PLAIN));
    assertThat(provider.last().fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("model", "messages", "max_tokens");
  }

  @Test
  void greedyIsTemperatureZero() throws Exception {
    model.ask(question(new Decoding(true, 0.7, 0.9, 10)));
    assertThat(provider.last().get("temperature").asDouble()).isZero();
    assertThat(provider.last().has("top_p")).isFalse();
  }

  @Test
  void logprobsAreMapped() throws Exception {
    Question question =
        new Question(List.of(Message.user("From 0 to 100?")), PLAIN, OptionalLong.empty(), 5);
    Answer answer = model.ask(question).answer();
    Answer.TokenLogprobs first = answer.logprobs().getFirst();
    assertThat(answer.text()).matches("\\d{1,3}");
    assertThat(first.token()).isEqualTo(answer.text());
    assertThat(first.logprob()).isCloseTo(Math.log(0.5), within(1e-12));
    assertThat(first.top()).hasSize(5);
    assertThat(first.top().get(1).logprob()).isCloseTo(Math.log(0.25), within(1e-12));
  }

  @Test
  void theEndOfAnAnswerIsTold() throws Exception {
    assertThat(model.ask(question(new Decoding(false, 1, 1, 2))).answer().end())
        .isEqualTo(End.TRUNCATED);
    provider.next(Fault.FILTERED, Fault.REFUSED, Fault.EMPTY);
    assertThat(model.ask(question("a")).answer().end()).isEqualTo(End.CONTENT_POLICY);
    Answer refused = model.ask(question("b")).answer();
    assertThat(refused.end()).isEqualTo(End.REFUSED);
    assertThat(refused.text()).startsWith("This is answer");
    Answer empty = model.ask(question("c")).answer();
    assertThat(empty.end()).isEqualTo(End.EMPTY);
    assertThat(empty.text()).isEmpty();
  }

  @Test
  void whatPassesCanBeAskedAgain() throws Exception {
    Set<Fault> passing =
        EnumSet.of(
            Fault.ERROR_500,
            Fault.OVERLOADED,
            Fault.TIMEOUT_408,
            Fault.CONFLICT_409,
            Fault.WEB_PAGE,
            Fault.RESET_BEFORE,
            Fault.RESET_AFTER,
            Fault.MALFORMED,
            Fault.HALF,
            Fault.ERROR_IN_200,
            Fault.SLOW);
    for (Fault fault : passing) {
      assertThat(failure(fault).reason()).as(fault.word()).isEqualTo(Reason.UNAVAILABLE);
    }
    assertThat(model.ask(question("still there?")).answer().end()).isEqualTo(End.COMPLETE);
  }

  @Test
  void theMessageSaysWhatTheProviderSaid() throws Exception {
    assertThat(failure(Fault.ERROR_500))
        .hasMessage("openai answered 500: The server had an error.");
    assertThat(failure(Fault.ERROR_IN_200)).hasMessageContaining("The backend is away.");
    assertThat(failure(Fault.UNPROCESSABLE)).hasMessageContaining("422: max_tokens is too large.");
    assertThat(failure(Fault.SLOW)).hasMessageContaining("took too long");
  }

  @Test
  void whatDoesNotPassIsRefused() throws Exception {
    for (Fault fault :
        List.of(
            Fault.BAD_REQUEST, Fault.UNPROCESSABLE, Fault.MODEL_GONE, Fault.QUOTA, Fault.ODD_END)) {
      assertThat(failure(fault).reason()).as(fault.word()).isEqualTo(Reason.REFUSED);
    }
    assertThat(failure(Fault.FORBIDDEN).reason()).isEqualTo(Reason.MISSING_CREDENTIAL);
  }

  @Test
  void aRateLimitSaysHowLongToWait() throws Exception {
    assertThat(failure(Fault.RATE_LIMIT).reason()).isEqualTo(Reason.RATE_LIMITED);
    assertThat(failure(Fault.RATE_LIMIT).retryAfter()).contains(Duration.ofSeconds(2));
    assertThat(failure(Fault.RATE_LIMIT_MS).retryAfter()).contains(Duration.ofSeconds(2));
    // A date has whole seconds, and some time has passed.
    assertThat(failure(Fault.RATE_LIMIT_DATE).retryAfter().orElseThrow())
        .isBetween(Duration.ofMillis(1), Duration.ofSeconds(2));
  }

  @Test
  void anEnforcedLimitShowsInTheHeaders() throws Exception {
    provider.behave("{\"requestsPerMinute\": 120}");
    Reply first = model.ask(question("1"));
    assertThat(first.headroom().requests()).hasValue(1);
    assertThat(first.headroom().requestsReset().orElseThrow())
        .isBetween(Duration.ofMillis(1), Duration.ofSeconds(1));
    model.ask(question("2"));
    ModelException third = failure(model, question("3"));
    assertThat(third.reason()).isEqualTo(Reason.RATE_LIMITED);
    assertThat(third.retryAfter().orElseThrow()).isLessThanOrEqualTo(Duration.ofMillis(500));
  }

  @Test
  void aWrongKeyIsNamedByItsVariableAndNeverShown() throws Exception {
    provider.behave("{\"key\": \"another\"}");
    ModelException failure = failure(model, question("a"));
    assertThat(failure.reason()).isEqualTo(Reason.MISSING_CREDENTIAL);
    assertThat(failure)
        .hasMessageContaining("Incorrect API key provided: [key] ([key])")
        .hasMessageContaining("Set OPENAI_API_KEY");
    for (Throwable t = failure; t != null; t = t.getCause()) {
      assertThat(t.toString()).doesNotContain(KEY).doesNotContain("a-key-");
    }
  }

  @Test
  void oneAskIsOneRequest() throws Exception {
    for (Fault fault : List.of(Fault.ERROR_500, Fault.RATE_LIMIT, Fault.RESET_BEFORE)) {
      long before = provider.billed().get("arrived").asLong();
      failure(fault);
      assertThat(provider.billed().get("arrived").asLong()).as(fault.word()).isEqualTo(before + 1);
    }
  }

  @Test
  void whatIsLostAfterAcceptanceIsBilled() throws Exception {
    long lines = Files.readAllLines(ledger()).size();
    failure(Fault.RESET_AFTER);
    failure(Fault.RESET_BEFORE);
    List<String> ledger = Files.readAllLines(ledger());
    assertThat(ledger).hasSize((int) lines + 1);
    assertThat(ledger.getLast()).contains("\"last\":\"about reset-after\"");
  }

  @Test
  void aThousandAskAtOnce() throws Exception {
    provider.behave("{\"latencyMs\": 300}");
    List<Future<Reply>> replies = new ArrayList<>();
    try (Providers patient = new Providers();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      LanguageModel shared = patient.open(FAKE, credentials(KEY));
      for (int i = 0; i < 1000; i++) {
        Question question = question("number " + i);
        replies.add(threads.submit(() -> shared.ask(question)));
      }
    }
    for (Future<Reply> reply : replies) {
      assertThat(reply.get().answer().end()).isEqualTo(End.COMPLETE);
    }
  }

  @Test
  void anInterruptedThreadStopsWaiting() throws Exception {
    provider.next(Fault.SLOW);
    long before = provider.billed().get("accepted").asLong();
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    model.ask(question("slow"));
                    thrown.completeExceptionally(new AssertionError("there was an answer"));
                  } catch (ModelException | InterruptedException e) {
                    thrown.complete(e);
                  }
                });
    while (provider.billed().get("accepted").asLong() == before) {
      Thread.sleep(10);
    }
    thread.interrupt();
    assertThat(thrown.get(2, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
  }

  @Test
  void nobodyAtTheAddressIsUnavailable() throws Exception {
    FakeProcess gone = new FakeProcess(directory.resolve("gone.jsonl"));
    Credentials credentials =
        Credentials.of(Map.of("GONE_BASE_URL", gone.openAiUrl(), "GONE_API_KEY", KEY));
    gone.kill();
    LanguageModel there = providers.open(FAKE.at("gone"), credentials);
    ModelException failure = failure(there, question("a"));
    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure).hasMessageContaining("no answer from gone at 127.0.0.1");
  }

  private ModelException failure(Fault fault) throws Exception {
    provider.next(fault);
    return failure(model, question("about " + fault.word()));
  }
}
