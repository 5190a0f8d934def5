package dev.inkling.finetune.hosted;

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
import dev.inkling.stage.LaterException;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One file and one job for a stage, whatever dies when; the provider's ledger tells. */
@Timeout(120)
class OneJobTest extends OneTunedStage {
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
    // Each row is written and read; a call gives more steps only if it takes its time.
    assertThat(pauses).isGreaterThanOrEqualTo(2 * TinyTuning.ROWS);
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
}
