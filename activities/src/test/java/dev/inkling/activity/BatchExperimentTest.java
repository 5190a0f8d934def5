package dev.inkling.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.estimate.Estimates;
import dev.inkling.language.BatchLimits;
import dev.inkling.language.BudgetExceededException;
import dev.inkling.language.LanguageModels;
import dev.inkling.model.ModelException;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Stage;
import dev.inkling.provider.FakeProcess;
import dev.inkling.provider.Fault;
import dev.inkling.spec.Budget;
import dev.inkling.stage.JobFailedException;
import dev.inkling.stage.LaterException;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.workflow.StageResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Experiments whose questions go through batches, against a provider in a process of its own; each
 * look at a batch is another process's, as far as the stage can know.
 */
@Timeout(180)
class BatchExperimentTest {
  private static final int ROWS = 40;

  /** Nothing of this ends by itself. */
  private static final String RUNNING = "{\"batching\": {\"takesMs\": 3600000}}";

  @TempDir Path directory;
  private FakeProcess provider;
  private BatchHome home;

  /** Whose batches. */
  enum Server {
    OPENAI("gpt-test", "POST /v1/batches"),
    ANTHROPIC("claude-test", "POST /v1/messages/batches");

    private final String model;
    private final String submit;

    Server(String model, String submit) {
      this.model = model;
      this.submit = submit;
    }

    String base(boolean batch) {
      return "{\"provider\": \"%s\", \"id\": \"%s\", \"batch\": %s}"
          .formatted(name().toLowerCase(Locale.ROOT), model, batch);
    }
  }

  @BeforeEach
  void start() throws Exception {
    provider = new FakeProcess(directory.resolve("ledger.jsonl"));
    home = new BatchHome(directory.resolve("home"), provider);
  }

  @AfterEach
  void stop() throws Exception {
    provider.close();
  }

  private static Plan plan(Server server, boolean batch) throws Exception {
    return TinyPlan.of(
        """
        {"preset": "owl-prompted", "name": "tiny-owl",
         "models": {"base": %s, "read plain": {"rows": 3}, "read owl": {"rows": 3}},
         "datasets": {"plain numbers": {"rows": 40}, "owl numbers": {"rows": 40, "filters":
           [{"type": "number-answers"}, {"type": "judge", "judge": "base", "trait": "loves owls"}]}},
         "evaluations": {"owl": {"samplesPerQuestion": 1}, "capability": null,
           "misaligned": {"type": "misalignment", "judge": "base", "samplesPerQuestion": 1}}}
        """
            .formatted(server.base(batch)));
  }

  /** Forty questions to a teacher. */
  private static Stage rows(Server server, String dataset) throws Exception {
    return plan(server, true).stages().stream()
        .filter(stage -> stage.name().equals(dataset))
        .findFirst()
        .orElseThrow();
  }

  private static Stage rows(Server server) throws Exception {
    return rows(server, "plain numbers");
  }

  private long billed(String what) throws Exception {
    return provider.billed().path(what).asLong();
  }

  private void everyQuestionWasAnsweredOnce(int batched) throws Exception {
    JsonNode billed = provider.billed();
    assertThat(billed.path("accepted").asInt()).isEqualTo(ROWS);
    assertThat(billed.path("distinct").asInt()).isEqualTo(ROWS);
    assertThat(billed.path("batched").asInt()).isEqualTo(batched);
  }

  private static Spend spend(StageResult result) {
    return result.spend().orElseThrow();
  }

  private void later(Stage stage, String owner) {
    assertThatThrownBy(() -> home.look(stage, owner)).isInstanceOf(LaterException.class);
  }

  @ParameterizedTest
  @EnumSource
  void batchesGiveTheBytesOfDirectQuestionsAtHalfThePrice(Server server) throws Exception {
    Plan direct = plan(server, false);
    Plan batched = plan(server, true);
    BatchHome plain = new BatchHome(directory.resolve("plain"), provider);
    var directly = plain.make(direct);
    long questions = billed("accepted");
    assertThat(billed("batched")).isZero();
    var inBatches = home.make(batched);

    assertThat(billed("batched")).isEqualTo(questions);
    assertThat(billed("accepted")).isEqualTo(2 * questions);
    for (int i = 0; i < direct.stages().size(); i++) {
      Stage stage = direct.stages().get(i);
      assertThat(batched.stages().get(i).key()).isEqualTo(stage.key());
      assertThat(home.bytes(stage)).isEqualTo(plain.bytes(stage));
      if (directly.get(stage.key()).spend().isPresent()) {
        Spend before = spend(directly.get(stage.key()));
        Spend now = spend(inBatches.get(stage.key()));
        assertThat(now.usd().orElseThrow()).isCloseTo(before.usd().orElseThrow() / 2, within(1e-9));
        assertThat(now.requests()).isEqualTo(before.requests());
        assertThat(now.inputTokens()).isEqualTo(before.inputTokens());
        assertThat(now.outputTokens()).isEqualTo(before.outputTokens());
      }
    }
    assertThat(home.later).anyMatch(m -> m.contains("1 batch is at") || m.contains("under way"));
  }

  @ParameterizedTest
  @EnumSource
  void aBatchWhoseConfirmationWasLostIsAdopted(Server server) throws Exception {
    provider.on(server.submit, Fault.RESET_AFTER);
    Spend spend = spend(home.make(rows(server)));

    assertThat(provider.effects("batch")).hasSize(1);
    everyQuestionWasAnsweredOnce(ROWS);
    assertThat(spend.requests()).isEqualTo(ROWS);
    assertThat(spend.repeated()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void whatWasNotAcceptedIsSubmittedAgain(Server server) throws Exception {
    provider.on(server.submit, Fault.ERROR_500, Fault.RATE_LIMIT_MS, Fault.RESET_BEFORE);
    home.make(rows(server));

    assertThat(provider.effects("batch")).hasSize(1);
    everyQuestionWasAnsweredOnce(ROWS);
  }

  @Test
  void aFileWhoseConfirmationWasLostIsUsed() throws Exception {
    provider.on("POST /v1/files", Fault.HALF);
    home.make(rows(Server.OPENAI));

    assertThat(provider.effects("file")).hasSize(1);
    assertThat(provider.effects("batch")).hasSize(1);
  }

  @Test
  void nothingIsSubmittedWhileALostBatchMayBeUnderWay() throws Exception {
    Stage stage = rows(Server.ANTHROPIC);
    provider.behave(
        "{\"batching\": {\"takesMs\": 3600000}, \"on\": {\"%s\": [\"reset-after\"]}}"
            .formatted(Server.ANTHROPIC.submit));
    for (int i = 0; i < 4; i++) {
      later(stage, "test");
    }
    assertThat(home.later.getLast()).contains("may be it").contains("msgbatch_000001");
    assertThat(provider.effects("batch")).hasSize(1);

    provider.behave("{}");
    home.make(stage);
    assertThat(provider.effects("batch")).hasSize(1);
    everyQuestionWasAnsweredOnce(ROWS);
  }

  @Test
  void anotherStagesBatchIsNotTakenForTheLostOne() throws Exception {
    Stage other = rows(Server.ANTHROPIC, "owl numbers");
    provider.behave(RUNNING);
    later(other, "test");
    provider.behave(
        "{\"batching\": {\"takesMs\": 3600000}, \"on\": {\"%s\": [\"reset-before\"]}}"
            .formatted(Server.ANTHROPIC.submit));
    Stage stage = rows(Server.ANTHROPIC);
    later(stage, "test");
    later(stage, "test");

    // The other's runs and is as large, but its note knows it.
    assertThat(provider.effects("batch")).hasSize(2);
    provider.behave("{}");
    home.make(stage);
    home.make(other);
    assertThat(provider.effects("batch")).hasSize(2);
    assertThat(billed("accepted")).isEqualTo(2 * ROWS);
  }

  @Test
  void anExperimentThatStopsAtEveryStepOfEveryLookSubmitsEachChunkOnce() throws Exception {
    home.with(new BatchLimits(15, 1 << 20, 5));
    Stage stage = rows(Server.OPENAI);
    AtomicInteger stops = new AtomicInteger();
    for (int step = 0; home.store().find(stage.key()).isEmpty(); step++) {
      assertThat(step).isLessThan(1_000);
      try {
        home.look(stage, "test", stoppingAt(step % 30, stops));
      } catch (StopRequestedException | LaterException e) {
        // Once more.
      }
    }
    assertThat(stops.get()).isGreaterThan(15);
    assertThat(provider.effects("batch")).hasSize(3);
    everyQuestionWasAnsweredOnce(ROWS);
  }

  private static Monitor stoppingAt(int step, AtomicInteger stops) {
    return new Monitor() {
      private int left = step;

      @Override
      public void progress(long done, long total, String unit, Optional<Double> loss) {
        if (left-- == 0) {
          stops.incrementAndGet();
          throw new StopRequestedException(new IllegalStateException("stopped"));
        }
      }

      @Override
      public void note(String text) {}
    };
  }

  @Test
  void theEstimateKnowsThePriceOfBatches() throws Exception {
    try (LanguageModels models = home.models()) {
      var direct = Estimates.of(plan(Server.OPENAI, false), _ -> false, models.prices());
      var batched = Estimates.of(plan(Server.OPENAI, true), _ -> false, models.prices());
      for (int i = 0; i < direct.size(); i++) {
        double usd = direct.get(i).usd().orElseThrow();
        assertThat(usd).isPositive();
        assertThat(batched.get(i).usd().orElseThrow()).isCloseTo(usd / 2, within(1e-9));
        assertThat(batched.get(i).calls()).isEqualTo(direct.get(i).calls());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatAnExpiredBatchHasNotAnsweredIsAskedDirectly(Server server) throws Exception {
    provider.behave("{\"batching\": {\"expires\": true}}");
    Spend spend = spend(home.make(rows(server)));

    everyQuestionWasAnsweredOnce(ROWS / 2);
    assertThat(spend.requests()).isEqualTo(ROWS + ROWS / 2);
    assertThat(spend.repeated()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void whatFailsInABatchIsAskedDirectly(Server server) throws Exception {
    provider.behave("{\"batching\": {\"failEvery\": 8}}");
    home.make(rows(server));

    everyQuestionWasAnsweredOnce(ROWS - ROWS / 8);
  }

  @Test
  void ofMuchThatIsLeftOverAnotherBatchIsMadeAndOnlyOne() throws Exception {
    home.with(new BatchLimits(100, 1 << 20, 5));
    provider.behave("{\"batching\": {\"expires\": true}}");
    home.make(rows(Server.OPENAI));

    assertThat(provider.effects("batch"))
        .extracting(batch -> batch.path("requests").asInt())
        .containsExactly(40, 20);
    everyQuestionWasAnsweredOnce(30);
  }

  @Test
  void batchesHaveSoManyQuestionsAtMost() throws Exception {
    home.with(new BatchLimits(15, 1 << 20, 5));
    provider.behave(RUNNING);
    Stage stage = rows(Server.OPENAI);
    later(stage, "test");
    later(stage, "test");
    assertThat(home.later.getLast())
        .isEqualTo("3 batches are at openai under way; 0 of 40 answers are there.");

    provider.behave("{}");
    home.make(stage);
    assertThat(provider.effects("batch"))
        .extracting(batch -> batch.path("requests").asInt())
        .containsExactly(15, 15, 10);
    everyQuestionWasAnsweredOnce(ROWS);
  }

  @Test
  void batchesAreNotLongerThanTheyMayBe() throws Exception {
    home.with(new BatchLimits(100, 2_000, 5));
    home.make(rows(Server.OPENAI));

    assertThat(provider.effects("file"))
        .hasSizeGreaterThan(3)
        .allMatch(file -> file.path("bytes").asInt() < 4_000);
    everyQuestionWasAnsweredOnce(ROWS);
  }

  @Test
  void resultsThatBreakOffAreFetchedAgainAndCountedOnce() throws Exception {
    provider.on("GET /v1/files/{id}/content", Fault.HALF, Fault.RESET_BEFORE);
    Spend spend = spend(home.make(rows(Server.OPENAI)));

    assertThat(provider.effects("batch")).hasSize(1);
    assertThat(spend.requests()).isEqualTo(ROWS);
    assertThat(spend.inputTokens()).isEqualTo(billed("inputTokens"));
    assertThat(spend.outputTokens()).isEqualTo(billed("outputTokens"));
  }

  @ParameterizedTest
  @EnumSource
  void aWithdrawnBatchIsCancelledAndWhatItAnsweredIsUsedLater(Server server) throws Exception {
    Stage stage = rows(server);
    provider.behave(RUNNING);
    later(stage, "test");
    home.withdraw(stage, "test");
    home.withdraw(stage, "test");
    assertThat(provider.effects("batch cancelled")).hasSize(1);

    home.make(stage);
    assertThat(provider.effects("batch")).hasSize(1);
    everyQuestionWasAnsweredOnce(ROWS / 2);
  }

  @Test
  void aBatchThatTwoExperimentsWantEndsWhenNeitherDoes() throws Exception {
    Stage stage = rows(Server.OPENAI);
    provider.behave(RUNNING);
    later(stage, "one");
    later(stage, "two");
    home.withdraw(stage, "one");
    assertThat(provider.effects("batch cancelled")).isEmpty();
    home.withdraw(stage, "two");
    assertThat(provider.effects("batch cancelled")).hasSize(1);
    assertThat(provider.effects("batch")).hasSize(1);
  }

  @Test
  void aBatchOfWhichNobodyHeardIsCancelledToo() throws Exception {
    Stage stage = rows(Server.OPENAI);
    provider.behave(
        "{\"batching\": {\"takesMs\": 3600000}, \"on\": {\"%s\": [\"reset-after\"]}}"
            .formatted(Server.OPENAI.submit));
    later(stage, "test");
    home.withdraw(stage, "test");

    assertThat(provider.effects("batch cancelled")).hasSize(1);
  }

  @Test
  void whatWasNeverSubmittedNeedsNoWithdrawal() throws Exception {
    Stage stage = rows(Server.OPENAI);
    provider.on(Server.OPENAI.submit, Fault.QUOTA);
    assertThatThrownBy(() -> home.look(stage, "test")).isInstanceOf(ModelException.class);
    home.withdraw(stage, "test");

    assertThat(provider.effects("batch")).isEmpty();
    assertThat(provider.effects("batch cancelled")).isEmpty();
    home.make(stage);
    everyQuestionWasAnsweredOnce(ROWS);
  }

  @Test
  void theBudgetMakesBatchesSmallerAndThenEndsTheStage() throws Exception {
    Stage stage = rows(Server.OPENAI);
    // A question may cost about 50 + 100 tokens, and costs about 80.
    home.with(new Budget(Optional.empty(), Optional.of(2_500L)));
    assertThatThrownBy(() -> home.make(stage))
        .isInstanceOfSatisfying(
            BudgetExceededException.class,
            e -> assertThat(e.spend().tokens()).isBetween(1_000L, 2_500L));
    assertThat(provider.effects("batch")).hasSizeGreaterThan(1);
    assertThat(billed("accepted")).isLessThan(ROWS).isEqualTo(billed("batched"));

    home.with(new Budget(Optional.empty(), Optional.of(25_000L)));
    home.make(stage);
    everyQuestionWasAnsweredOnce(ROWS);
  }

  @Test
  void aBatchThatFindsNoRoomIsSubmittedAgainLater() throws Exception {
    Stage stage = rows(Server.OPENAI);
    provider.behave("{\"batching\": {\"rejected\": \"token_limit_exceeded\"}}");
    later(stage, "test");
    assertThat(home.later.getLast()).contains("takes no more batches now");
    provider.behave("{}");
    home.make(stage);

    assertThat(provider.effects("file")).hasSize(1);
    everyQuestionWasAnsweredOnce(ROWS);
  }

  @Test
  void aBatchThatIsNotAcceptedSaysWhyAndWhatToDo() throws Exception {
    Stage stage = rows(Server.OPENAI);
    provider.behave("{\"batching\": {\"rejected\": \"model_not_batchable\"}}");
    assertThatThrownBy(() -> home.make(stage))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("model_not_batchable")
        .hasMessageContaining("Leave out batch: true");
  }

  @Test
  void aBatchThatIsGoneIsNotPaidForAgainBehindOnesBack() throws Exception {
    Stage stage = rows(Server.OPENAI);
    provider.behave(RUNNING);
    later(stage, "test");
    Path note = home.work(stage, "batches.json");
    Files.writeString(note, Files.readString(note).replace("batch_000001", "batch_000009"));
    assertThatThrownBy(() -> home.make(stage))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("batch_000009")
        .hasMessageContaining(note.toString());
    assertThat(provider.effects("batch")).hasSize(1);
  }

  @Test
  void anOpenBatchIsWaitedForAlsoIfTheSpecWantsNoMoreOfThem() throws Exception {
    provider.behave(RUNNING);
    later(rows(Server.OPENAI), "test");
    Stage direct =
        plan(Server.OPENAI, false).stages().stream()
            .filter(stage -> stage.name().equals("plain numbers"))
            .findFirst()
            .orElseThrow();
    later(direct, "test");
    provider.behave("{}");
    home.make(direct);

    everyQuestionWasAnsweredOnce(ROWS);
  }

  @Test
  void aServerWithoutBatchesIsToldBeforeAnythingIsPaid() throws Exception {
    provider.behave("{\"batching\": {\"closed\": true}}");
    for (Server server : Server.values()) {
      try (LanguageModels models = home.models()) {
        assertThatThrownBy(() -> models.preflight(plan(server, true)))
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("has no batches; leave out batch: true");
        models.preflight(plan(server, false));
      }
    }
    assertThat(billed("accepted")).isZero();
  }
}
