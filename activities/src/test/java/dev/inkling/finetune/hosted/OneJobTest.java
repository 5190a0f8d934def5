package dev.inkling.finetune.hosted;

import static dev.inkling.finetune.hosted.TinyTuning.CANCEL;
import static dev.inkling.finetune.hosted.TinyTuning.CREATE;
import static dev.inkling.finetune.hosted.TinyTuning.UPLOAD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.activity.HurriedClock;
import dev.inkling.activity.StageRunner;
import dev.inkling.artifact.LocalStore;
import dev.inkling.crash.CrashPoint;
import dev.inkling.language.JobFile;
import dev.inkling.language.LanguageModels;
import dev.inkling.plan.Stage;
import dev.inkling.provider.Fault;
import dev.inkling.stage.Caller;
import dev.inkling.stage.JobFailedException;
import dev.inkling.stage.LaterException;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One file and one job for a stage, whatever dies when; the provider's ledger tells. */
@Timeout(120)
class OneJobTest {
  private static final Caller FIRST = TinyTuning.caller("test", "first run");
  private static final Caller SECOND = TinyTuning.caller("test", "second run");

  @TempDir Path home;
  private TinyTuning tiny;
  private Stage stage;

  @BeforeEach
  void start() throws Exception {
    tiny = new TinyTuning(home);
    stage = tiny.stage(tiny.plan("\"epochs\": 1"));
  }

  @AfterEach
  void stop() throws Exception {
    tiny.close();
  }

  private void oneFileAndOneJob() throws Exception {
    assertThat(tiny.files()).hasSize(1);
    assertThat(tiny.jobs()).hasSize(1);
  }

  /** Under way, and noted. */
  private void begun() throws Exception {
    for (int look = 0; tiny.jobs().isEmpty(); look++) {
      assertThat(look).isLessThan(400);
      try {
        tiny.look(stage, FIRST);
      } catch (LaterException e) {
        tiny.clock.waitFor(e);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reset-after", "half", "malformed", "error-in-200"})
  void whatTheProviderAcceptedAndItsAnswerWasLostIsAdopted(String fault) throws Exception {
    tiny.provider.behave(
        "{\"on\": {\"%s\": [\"%s\"], \"%s\": [\"%s\"]}}".formatted(UPLOAD, fault, CREATE, fault));
    tiny.perform(stage);
    oneFileAndOneJob();
    assertThat(JobFile.read(tiny.artifact(stage)).job())
        .isEqualTo(tiny.jobs().getFirst().get("id").asText());
  }

  @ParameterizedTest
  @ValueSource(strings = {"500", "rate-limit-ms", "reset-before", "web-page"})
  void whatPassesIsAskedAgain(String fault) throws Exception {
    String all =
        List.of(
                UPLOAD,
                "GET /v1/files",
                "GET /v1/files/{id}",
                "GET /v1/files/{id}/content",
                CREATE,
                "GET /v1/fine_tuning/jobs",
                "GET /v1/fine_tuning/jobs/{id}",
                "GET /v1/fine_tuning/jobs/{id}/events",
                "GET /v1/fine_tuning/jobs/{id}/checkpoints")
            .stream()
            .map(route -> "\"%s\": [\"%s\", \"%s\"]".formatted(route, fault, fault))
            .reduce((a, b) -> a + ", " + b)
            .orElseThrow();
    tiny.provider.behave("{\"retryAfterMs\": 300, \"on\": {%s}}".formatted(all));
    tiny.perform(stage);
    oneFileAndOneJob();
  }

  @Test
  void whatTheProviderRefusesIsToldInItsWordsAndMadeWhenTypedAgain() throws Exception {
    tiny.provider.on(CREATE, Fault.BAD_REQUEST);
    assertThatThrownBy(() -> tiny.perform(stage, FIRST))
        .hasMessageContaining("'temperature' is not supported");
    assertThat(tiny.jobs()).isEmpty();
    tiny.perform(stage, SECOND);
    oneFileAndOneJob();
  }

  @ParameterizedTest
  @CsvSource({
    "CALL_ANNOUNCED,1",
    "CALL_ANNOUNCED,2",
    "CALL_ACCEPTED,1",
    "CALL_ACCEPTED,2",
    "CHECKPOINT_WRITTEN,1",
    "CHECKPOINT_WRITTEN,5",
    "CHECKPOINT_WRITTEN,7",
    "CHECKPOINT_KEPT,1",
    "CHECKPOINT_KEPT,2",
    "CHECKPOINT_KEPT,3",
    "CHECKPOINT_KEPT,4",
    "CHECKPOINT_KEPT,5",
    "CHECKPOINT_KEPT,6",
    "CHECKPOINT_KEPT,7",
    "OUTPUT_WRITTEN,1"
  })
  void aCrashBesideAnyEffectLeavesOneJob(CrashPoint point, int time) throws Exception {
    ProcessBuilder child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                home.toString(),
                tiny.provider.openAiUrl())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    child.environment().put("INKLING_CRASH_AT", point + ":" + time);
    assertThat(child.start().waitFor()).as(point + ":" + time).isEqualTo(CrashPoint.CODE);

    tiny.clock.advance(Duration.ofSeconds(10));
    tiny.perform(stage);
    oneFileAndOneJob();
    assertThat(tiny.store().verify()).isEmpty();
  }

  /** Performs the stage until it is done, or until its point is reached. */
  static final class Child {
    private Child() {}

    /** The home, and the provider's address. */
    public static void main(String[] arguments) throws Exception {
      Path home = Path.of(arguments[0]);
      HurriedClock clock = new HurriedClock();
      try (LanguageModels models = TinyTuning.models(home, arguments[1], clock)) {
        Stage stage = TinyTuning.planned(home, "\"epochs\": 1");
        StageRunner runner =
            new StageRunner(new LocalStore(home, clock, Map.of()), Duration.ofSeconds(1), models);
        clock.patiently(() -> runner.perform(stage, FIRST, Monitor.silent()));
      }
    }
  }

  @Test
  void aPauseAtAnyStepEndsTheLookAndLeavesOneJob() throws Exception {
    int pauses = 0;
    int step = 0;
    while (tiny.store().find(stage.key()).isEmpty()) {
      assertThat(pauses).isLessThan(400);
      try {
        tiny.runner().perform(stage, FIRST, new PausedAt(step));
      } catch (StopRequestedException e) {
        pauses++;
        step++;
      } catch (LaterException e) {
        tiny.clock.waitFor(e);
        step = 0;
      }
    }
    assertThat(pauses).isGreaterThanOrEqualTo(2 * TinyTuning.ROWS + 5);
    oneFileAndOneJob();
  }

  /** Stops at the so many-th time that the stage says that it is alive. */
  private static final class PausedAt implements Monitor {
    private int left;

    PausedAt(int step) {
      left = step;
    }

    @Override
    public void progress(long done, long total, String unit, Optional<Double> loss) {
      if (left-- == 0) {
        throw new StopRequestedException(new IllegalStateException("paused"));
      }
    }

    @Override
    public void note(String text) {}
  }

  @Test
  void aSlowAnswerIsWaitedForAndTheStageSaysMeanwhileThatItIsAlive() throws Exception {
    tiny.provider.behave("{\"slowMs\": 1500, \"on\": {\"%s\": [\"slow\"]}}".formatted(CREATE));
    AtomicInteger whileItWaits = new AtomicInteger();
    Monitor listening =
        new Monitor() {
          @Override
          public void progress(long done, long total, String unit, Optional<Double> loss) {
            try {
              whileItWaits.addAndGet(tiny.jobs().size() == 1 && !noted() ? 1 : 0);
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          }

          @Override
          public void note(String text) {}
        };
    tiny.clock.patiently(() -> tiny.runner().perform(stage, FIRST, listening));
    // Seven times in 1.5 s, if the machine has time.
    assertThat(whileItWaits.get()).isGreaterThanOrEqualTo(2);
    oneFileAndOneJob();
  }

  private boolean noted() throws IOException {
    Path note = home.resolve("work").resolve(stage.key()).resolve(JobNote.FILE);
    return Files.readString(note).contains("ftjob-");
  }

  @Test
  void twoExperimentsShareAJobAndTwoSuffixesDoNot() throws Exception {
    Caller other = TinyTuning.caller("other", "its run");
    for (int look = 0; tiny.store().find(stage.key()).isEmpty(); look++) {
      assertThat(look).isLessThan(400);
      try {
        tiny.look(stage, look % 2 == 0 ? FIRST : other);
      } catch (LaterException e) {
        tiny.clock.waitFor(e);
      }
    }
    oneFileAndOneJob();
    tiny.perform(tiny.stage(tiny.plan("\"epochs\": 1, \"suffix\": \"another\"")));
    assertThat(tiny.files()).hasSize(2);
    assertThat(tiny.jobs()).hasSize(2);
  }

  @Test
  void aFailedJobSaysWhyAndTypedAgainThereIsExactlyOneMore() throws Exception {
    tiny.provider.behave("{\"training\": {\"end\": \"failed\", \"reason\": \"A GPU is broken\"}}");
    for (int again = 0; again < 2; again++) {
      assertThatThrownBy(() -> tiny.perform(stage, FIRST))
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("openai's fine-tuning job ftjob-")
          .hasMessageContaining("for 'tuned' failed: A GPU is broken.")
          .hasMessageContaining("cost is not known")
          .hasMessageContaining("type the same command again");
      oneFileAndOneJob();
    }
    tiny.provider.behave("{}");
    tiny.perform(stage, SECOND);
    assertThat(tiny.files()).hasSize(1);
    assertThat(tiny.jobs()).hasSize(2);
    assertThat(JobFile.read(tiny.artifact(stage)).job())
        .isEqualTo(tiny.jobs().getLast().get("id").asText());
  }

  @Test
  void ofTwoExperimentsBothAreToldOfAFailureAndNeitherMakesANewJobForTheOther() throws Exception {
    tiny.provider.behave("{\"training\": {\"runningMs\": 4000, \"end\": \"failed\"}}");
    Caller other = TinyTuning.caller("other", "its run");
    begun();
    assertThatThrownBy(() -> tiny.look(stage, other)).isInstanceOf(LaterException.class);
    assertThatThrownBy(() -> tiny.perform(stage, FIRST)).isInstanceOf(JobFailedException.class);
    assertThatThrownBy(() -> tiny.perform(stage, other)).isInstanceOf(JobFailedException.class);
    oneFileAndOneJob();
  }

  @Test
  void aJobThatTheProviderCancelledAndOneThatIsGoneAreTold() throws Exception {
    tiny.provider.behave("{\"training\": {\"end\": \"cancelled\"}}");
    assertThatThrownBy(() -> tiny.perform(stage, FIRST))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("was cancelled at the provider");
    tiny.provider.behave("{\"training\": {\"end\": \"stuck\", \"vanishAfterMs\": 400}}");
    assertThatThrownBy(() -> tiny.perform(stage, SECOND))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("is gone: the provider has neither it nor another one")
        .hasMessageContaining("since it may be billed");
    assertThat(tiny.jobs()).hasSize(2);
    tiny.provider.behave("{}");
    tiny.perform(stage, TinyTuning.caller("test", "third run"));
    assertThat(tiny.jobs()).hasSize(3);
    assertThat(tiny.files()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"stuck,is queued", "paused,is 'paused'"})
  void aJobThatIsStuckOrSaysAnUnknownWordIsWaitedFor(String end, String words) throws Exception {
    tiny.provider.behave("{\"training\": {\"end\": \"%s\"}}".formatted(end));
    begun();
    tiny.clock.advance(Duration.ofHours(5));
    Thread.sleep(500);
    assertThatThrownBy(() -> tiny.look(stage, FIRST))
        .isInstanceOfSatisfying(LaterException.class, e -> assertThat(e.delay()).hasSeconds(60))
        .hasMessageContaining(words)
        .hasMessageContaining("5 h");
    oneFileAndOneJob();
  }

  @Test
  void aFileThatCannotBeUsedIsToldAndUploadedAgainWhenTypedAgain() throws Exception {
    tiny.provider.behave("{\"filing\": {\"processMs\": 100, \"error\": \"Unreadable\"}}");
    assertThatThrownBy(() -> tiny.perform(stage, FIRST))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("cannot use the training file inkling-")
        .hasMessageContaining("Unreadable.")
        .hasMessageContaining("No job was created");
    tiny.provider.behave("{}");
    tiny.perform(stage, SECOND);
    assertThat(tiny.files()).hasSize(2);
    assertThat(tiny.jobs()).hasSize(1);
  }

  @Test
  void aFileThatWasDeletedBeforeTheJobWasMadeIsUploadedAgain() throws Exception {
    tiny.provider.behave("{\"filing\": {\"processMs\": 600000}}");
    assertThatThrownBy(() -> tiny.look(stage, FIRST)).isInstanceOf(LaterException.class);
    try (HttpClient http = HttpClient.newHttpClient()) {
      String id = tiny.files().getFirst().get("id").asText();
      http.send(
          HttpRequest.newBuilder(URI.create(tiny.provider.openAiUrl() + "/files/" + id))
              .DELETE()
              .build(),
          BodyHandlers.discarding());
    }
    tiny.provider.behave("{}");
    tiny.perform(stage, FIRST);
    assertThat(tiny.files()).hasSize(2);
    assertThat(tiny.jobs()).hasSize(1);
  }

  @Test
  void aCancelledExperimentCancelsItsJobOnceThoughTheAnswerIsLost() throws Exception {
    tiny.provider.behave(
        "{\"training\": {\"end\": \"stuck\"}, \"on\": {\"%s\": [\"500\", \"reset-after\"]}}"
            .formatted(CANCEL));
    begun();
    tiny.withdraw(stage, FIRST);
    tiny.withdraw(stage, FIRST);
    assertThat(tiny.cancels()).hasSize(1);
    assertThat(tiny.cancels().getFirst().get("id")).isEqualTo(tiny.jobs().getFirst().get("id"));

    tiny.provider.behave("{}");
    tiny.perform(stage, SECOND);
    assertThat(tiny.jobs()).hasSize(2);
    assertThat(tiny.files()).hasSize(1);
  }

  @Test
  void aJobThatAnotherExperimentWantsGoesOn() throws Exception {
    tiny.provider.behave("{\"training\": {\"end\": \"stuck\"}}");
    Caller other = TinyTuning.caller("other", "its run");
    begun();
    assertThatThrownBy(() -> tiny.look(stage, other)).isInstanceOf(LaterException.class);
    tiny.withdraw(stage, FIRST);
    assertThat(tiny.cancels()).isEmpty();
    tiny.withdraw(stage, other);
    assertThat(tiny.cancels()).hasSize(1);
  }

  @Test
  void aJobThatWasMadeAndNeverNotedIsCancelledToo() throws Exception {
    tiny.provider.behave(
        "{\"training\": {\"end\": \"stuck\"}, \"on\": {\"%s\": [\"reset-after\"]}}"
            .formatted(CREATE));
    begun();
    tiny.withdraw(stage, FIRST);
    assertThat(tiny.jobs()).hasSize(1);
    assertThat(tiny.cancels()).hasSize(1);
  }

  @Test
  void whereNothingIsUnderWayNothingIsCancelled() throws Exception {
    tiny.withdraw(stage, FIRST);
    tiny.provider.behave("{\"filing\": {\"processMs\": 600000}}");
    assertThatThrownBy(() -> tiny.look(stage, FIRST)).isInstanceOf(LaterException.class);
    tiny.withdraw(stage, FIRST);
    tiny.provider.behave("{\"training\": {\"end\": \"failed\"}}");
    Stage failing = tiny.stage(tiny.plan("\"epochs\": 2"));
    assertThatThrownBy(() -> tiny.perform(failing, FIRST)).isInstanceOf(JobFailedException.class);
    tiny.withdraw(failing, FIRST);
    assertThat(tiny.cancels()).isEmpty();
    assertThat(tiny.jobs()).hasSize(1);
  }
}
