package dev.inkling.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Store;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.report.Report;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A cancel that reaches a stage at each of its steps in turn: it ends there, publishes nothing,
 * keeps its work in progress, gives its claim back, and ends in the same bytes when it is asked for
 * again.
 */
@Timeout(180)
class CancelStagesTest {
  @TempDir Path home;

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  /** As a heartbeat does whose answer is that the activity is cancelled. */
  private static final class CancelledAt implements Monitor {
    private int left;
    private boolean reached;

    CancelledAt(int step) {
      left = step;
    }

    @Override
    public void progress(long done, long total, String unit, Optional<Double> loss) {
      assertThat(reached).as("a step after the cancel").isFalse();
      if (left-- == 0) {
        reached = true;
        throw new StopRequestedException(new IllegalStateException("cancelled"));
      }
    }

    @Override
    public void note(String text) {}
  }

  private LocalStore store(String name) {
    return new LocalStore(home.resolve(name), Clock.systemUTC(), Map.of());
  }

  private StageRunner runner(String name) {
    return new StageRunner(store(name), Duration.ZERO, Nobody.models());
  }

  private Map<String, String> files(String name, Stage stage) {
    Map<String, String> hashes = new java.util.TreeMap<>();
    store(name)
        .find(stage.key())
        .orElseThrow()
        .manifest()
        .files()
        .forEach((file, entry) -> hashes.put(file, entry.sha256()));
    return hashes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"GenerateDataset", "Filter", "Finetune", "Evaluate"})
  void aStageOfEachKindEndsAtTheStepAtWhichTheCancelArrives(String kind) throws Exception {
    int cancelled = 0;
    for (String spec : List.of(TinyPlan.PROMPTS, TinyPlan.MNIST)) {
      Plan plan = TinyPlan.of(spec);
      for (Stage stage : plan.stages()) {
        runner("plain").perform(stage, Caller.of("test"), Monitor.silent());
        if (stage.task().activity().equals(kind)) {
          cancelled += cancelledUntilItIsDone(stage);
        } else {
          runner("cancelled").perform(stage, Caller.of("test"), Monitor.silent());
        }
        assertThat(files("cancelled", stage)).isEqualTo(files("plain", stage));
      }
    }
    assertThat(cancelled).as(kind).isGreaterThanOrEqualTo(3);
  }

  /** At its first step, then at the second one after what is kept, and so on. */
  private int cancelledUntilItIsDone(Stage stage) throws Exception {
    for (int step = 0; ; step++) {
      CancelledAt monitor = new CancelledAt(step);
      try {
        runner("cancelled").perform(stage, Caller.of("test"), monitor);
        assertThat(monitor.reached).isFalse();
        return step;
      } catch (StopRequestedException e) {
        assertThat(monitor.reached).isTrue();
        assertThat(store("cancelled").find(stage.key())).isEmpty();
        assertThat(scratch(stage)).contains("claim.json");
        assertThat(claim(stage)).contains("\"released\":true");
      }
    }
  }

  private List<String> scratch(Stage stage) throws IOException {
    return dev.inkling.artifact.Disk.entries(
            home.resolve("cancelled").resolve("work").resolve(stage.key()))
        .stream()
        .map(file -> file.getFileName().toString())
        .toList();
  }

  private String claim(Stage stage) throws IOException {
    return Files.readString(
        home.resolve("cancelled").resolve("work").resolve(stage.key()).resolve("claim.json"));
  }

  @Test
  void trainingKeepsItsCheckpointWhenItIsCancelled() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.PROMPTS);
    for (Stage stage : plan.stages()) {
      if (stage.task().activity().equals("Finetune")) {
        assertThatThrownBy(
                () -> runner("cancelled").perform(stage, Caller.of("test"), new CancelledAt(2)))
            .isInstanceOf(StopRequestedException.class);
        assertThat(scratch(stage)).contains("checkpoint.safetensors");
        return;
      }
      runner("cancelled").perform(stage, Caller.of("test"), Monitor.silent());
    }
  }

  @Test
  void aStageThatWaitsForAnotherExperimentsClaimHearsTheCancelAndTouchesNothing() throws Exception {
    Stage stage = TinyPlan.of(TinyPlan.PROMPTS).stages().getFirst();
    try (Store.Work other = store("cancelled").claim(stage.key(), "another").orElseThrow()) {
      assertThatThrownBy(
              () -> runner("cancelled").perform(stage, Caller.of("test"), new CancelledAt(2)))
          .isInstanceOf(StopRequestedException.class);

      other.renew(); // still the other's
      assertThat(store("cancelled").find(stage.key())).isEmpty();
    }
    assertThat(runner("cancelled").perform(stage, Caller.of("test"), Monitor.silent()).reused())
        .isFalse();
  }

  @Test
  void aReportThatWaitsOrReadsHearsTheCancelAndPublishesNothing() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.PROMPTS);
    for (Stage stage : plan.stages()) {
      runner("cancelled").perform(stage, Caller.of("test"), Monitor.silent());
    }
    Report report = new Report(store("cancelled"), Map.of());
    try (Store.Work other = store("cancelled").claim(plan.reportKey(), "another").orElseThrow()) {
      assertThatThrownBy(() -> report.make(plan, "test", new CancelledAt(1)))
          .isInstanceOf(StopRequestedException.class);
      other.renew();
    }
    for (int step = 0; step < plan.stages().size(); step++) {
      CancelledAt monitor = new CancelledAt(step);
      assertThatThrownBy(() -> report.make(plan, "test", monitor))
          .isInstanceOf(StopRequestedException.class);
      assertThat(report.existing(plan)).isEmpty();
    }

    assertThat(report.make(plan, "test", Monitor.silent()).reused()).isFalse();
    assertThat(report.existing(plan)).isPresent();
  }
}
