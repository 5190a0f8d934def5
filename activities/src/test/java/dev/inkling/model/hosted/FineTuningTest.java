package dev.inkling.model.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.model.LanguageModel;
import dev.inkling.model.Message;
import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.Question;
import dev.inkling.model.hosted.TuningJob.Status;
import dev.inkling.provider.FakeProcess;
import dev.inkling.provider.Fault;
import dev.inkling.spec.Decoding;
import dev.inkling.spec.HostedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fine-tuning at a provider in another process, through the real client. */
@Timeout(60)
class FineTuningTest {
  private static final HostedModel BASE = HostedModel.of(HostedModel.Provider.OPENAI, "gpt-fake");
  private static final String CHAT =
      "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]}\n";

  @TempDir Path directory;
  private FakeProcess provider;
  private Providers providers;
  private FineTuning tuning;
  private Credentials credentials;

  @BeforeEach
  void start() throws Exception {
    provider = new FakeProcess(directory.resolve("ledger.jsonl"));
    providers = new Providers(Clock.systemUTC(), Duration.ofSeconds(3));
    credentials =
        Credentials.of(Map.of("OPENAI_API_KEY", "a", "OPENAI_BASE_URL", provider.openAiUrl()));
    tuning = providers.fineTuning(BASE, credentials);
  }

  @AfterEach
  void stop() throws Exception {
    providers.close();
    provider.close();
  }

  private String uploaded() throws Exception {
    Path rows = Files.writeString(directory.resolve("rows.jsonl"), CHAT.repeat(20));
    return tuning.upload(rows, "inkling-tag.jsonl").id();
  }

  private static TuningOrder order(String file, String tag) {
    return new TuningOrder(
        BASE.id(), file, tag, "s", 3, Optional.of(2), Optional.of(5), Optional.empty());
  }

  private TuningJob ended(String id) throws Exception {
    TuningJob job = tuning.job(id).orElseThrow();
    while (!job.status().ended()) {
      Thread.sleep(20);
      job = tuning.job(id).orElseThrow();
    }
    return job;
  }

  @Test
  void aJobIsFollowedToItsModelAndTheModelAnswers() throws Exception {
    provider.behave("{\"training\": {\"runningMs\": 100}}");
    TuningJob created = tuning.create(order(uploaded(), "tag"));
    assertThat(created.model()).isEmpty();
    TuningJob job = ended(created.id());

    assertThat(job.status()).isEqualTo(Status.SUCCEEDED);
    assertThat(job.epochs()).contains(2);
    assertThat(job.batchSize()).contains(5);
    assertThat(job.learningRateMultiplier()).contains(1.8);
    assertThat(job.seed()).contains(3L);
    assertThat(job.trainedTokens()).contains(2 * 20 * 2L);
    // 20 rows in batches of 5, twice: 8 steps, on pages of three.
    List<TuningEvent> events = tuning.events(job.id());
    assertThat(events.stream().flatMap(e -> e.step().stream()).map(TuningEvent.Step::number))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 8).boxed().toList());
    assertThat(events.get(2).step().orElseThrow().total()).contains(8L);
    assertThat(tuning.latestEvents(job.id()).getFirst()).isEqualTo(events.getLast());
    assertThat(tuning.checkpoints(job.id()).stream().map(TuningCheckpoint::step))
        .containsExactly(4L, 8L);

    String model = job.model().orElseThrow();
    assertThat(model).isEqualTo("ft:gpt-fake:inkling:s:" + job.id().replace("ftjob-", ""));
    Question question =
        new Question(
            List.of(Message.user("Hello")), new Decoding(false, 1, 1, 20), OptionalLong.empty(), 0);
    try (LanguageModel taught = providers.open(BASE.named(model), credentials)) {
      assertThat(taught.ask(question).answer().text()).startsWith("This is answer");
    }
    try (LanguageModel unknown = providers.open(BASE.named(model + "x"), credentials)) {
      assertThatThrownBy(() -> unknown.ask(question)).hasMessageContaining("404");
    }
  }

  @Test
  void aJobIsFoundByItsTagOnEveryPageAndOneThatFailedLast() throws Exception {
    String file = uploaded();
    provider.behave("{\"training\": {\"end\": \"stuck\"}}");
    String older = tuning.create(order(file, "ours")).id();
    provider.behave("{\"training\": {\"end\": \"failed\", \"reason\": \"no luck\"}}");
    String failed = tuning.create(order(file, "ours")).id();
    for (int i = 0; i < 7; i++) {
      tuning.create(order(file, "others"));
    }
    assertThat(ended(failed).reason()).contains("no luck");

    Optional<String> any = Optional.of(file);
    assertThat(tuning.find("ours", any, Set.of()).orElseThrow().id()).isEqualTo(older);
    assertThat(tuning.find("ours", any, Set.of(older)).orElseThrow().id()).isEqualTo(failed);
    assertThat(tuning.find("ours", any, Set.of(older, failed))).isEmpty();
    assertThat(tuning.find("nobody's", any, Set.of())).isEmpty();
  }

  @Test
  void whereMetadataIsForgottenTheTrainingFileTellsWhoseAJobIs() throws Exception {
    provider.behave("{\"training\": {\"withoutMetadata\": true}}");
    String ours = uploaded();
    String job = tuning.create(order(ours, "tag")).id();
    tuning.create(order(uploaded(), "another"));
    assertThat(tuning.find("tag", Optional.of(ours), Set.of()).orElseThrow().id()).isEqualTo(job);
    assertThat(tuning.find("tag", Optional.empty(), Set.of())).isEmpty();
  }

  @Test
  void whatOpenAiWouldRefuseIsRefused() throws Exception {
    String file = uploaded();
    assertThat(refusal(order("file-none", "tag"))).hasMessageContaining("invalid training_file");
    assertThat(refusal(new TuningOrder("davinci", file, "tag", "s", 1, E, E, Optional.empty())))
        .hasMessageContaining("davinci is not available for fine-tuning");
    assertThat(refusal(new TuningOrder(BASE.id(), file, "tag", "s", -1, E, E, Optional.empty())))
        .hasMessageContaining("seed");
    assertThat(
            refusal(
                new TuningOrder(BASE.id(), file, "tag", "s".repeat(65), 1, E, E, Optional.empty())))
        .hasMessageContaining("suffix");
    assertThat(
            refusal(
                new TuningOrder(
                    BASE.id(), file, "tag", "s", 1, Optional.of(51), E, Optional.empty())))
        .hasMessageContaining("hyperparameter");
    assertThat(provider.effects("job")).isEmpty();
  }

  private static final Optional<Integer> E = Optional.empty();

  private ModelException refusal(TuningOrder order) {
    ModelException refusal = catchThrowableOfType(ModelException.class, () -> tuning.create(order));
    assertThat(refusal.reason()).isEqualTo(Reason.REFUSED);
    return refusal;
  }

  @Test
  void aJobIsCancelledOnceAndOneThatIsGoneIsGone() throws Exception {
    provider.behave("{\"training\": {\"end\": \"stuck\"}}");
    String id = tuning.create(order(uploaded(), "tag")).id();
    assertThat(tuning.cancel(id).status()).isEqualTo(Status.CANCELLED);
    assertThatThrownBy(() -> tuning.cancel(id))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("already ended");
    assertThat(provider.effects("job cancelled")).hasSize(1);
    assertThat(tuning.job("ftjob-none")).isEmpty();
    assertThat(tuning.checkpoints("ftjob-none")).isEmpty();
  }

  @Test
  void anAnswerThatNamesNoJobIsNoAnswer() throws Exception {
    String file = uploaded();
    for (Fault fault : List.of(Fault.ERROR_IN_200, Fault.MALFORMED, Fault.RESET_AFTER)) {
      provider.on("POST /v1/fine_tuning/jobs", fault);
      assertThat(
              catchThrowableOfType(
                      ModelException.class, () -> tuning.create(order(file, fault.word())))
                  .reason())
          .as(fault.word())
          .isEqualTo(Reason.UNAVAILABLE);
    }
    assertThat(provider.effects("job")).hasSize(3);
  }

  @Test
  void whatOtherServersLeaveOutIsEmpty() throws Exception {
    ObjectMapper json = new ObjectMapper();
    TuningJob bare = TuningJobReader.read(json.readTree("{\"id\": \"j\", \"status\": \"odd\"}"));
    assertThat(bare.status()).isEqualTo(Status.UNKNOWN);
    assertThat(bare.word()).isEqualTo("odd");
    assertThat(bare.epochs()).isEmpty();
    assertThat(bare.trainedTokens()).isEmpty();
    TuningJob old =
        TuningJobReader.read(
            json.readTree(
                """
                {"id": "j", "status": "pending", "trained_tokens": null, "seed": 1,
                 "hyperparameters": {"n_epochs": 4, "batch_size": "auto"}}
                """));
    assertThat(old.status()).isEqualTo(Status.QUEUED);
    assertThat(old.epochs()).contains(4);
    assertThat(old.batchSize()).isEmpty();
  }

  @Test
  void aProviderThatFineTunesNothingSaysSo() {
    assertThatThrownBy(
            () ->
                providers.fineTuning(
                    HostedModel.of(HostedModel.Provider.ANTHROPIC, "claude"),
                    Credentials.of(Map.of("ANTHROPIC_API_KEY", "b"))))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("anthropic fine-tunes no models");
  }
}
