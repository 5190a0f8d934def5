package dev.inkling.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.artifact.LocalStore;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.tensor.Torch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is counted is what was done, also over a stop. */
class StageMetersTest {
  @TempDir Path home;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final StageMeters meters = new StageMeters(registry);

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  private LocalStore store() {
    return new LocalStore(home, Clock.systemUTC(), Map.of());
  }

  private StageRunner runner() {
    return new StageRunner(store(), Duration.ZERO, Nobody.models(), meters);
  }

  private double counter(String name, String stage) {
    return registry.get(name).tag("stage", stage).counter().count();
  }

  private long ended(String stage, String outcome) {
    return registry
        .get("inkling.stage")
        .tag("stage", stage)
        .tag("outcome", outcome)
        .timer()
        .count();
  }

  /** A stage whose inputs are made. */
  private static Stage first(Plan plan, String activity) {
    return plan.stages().stream()
        .filter(s -> s.task().activity().equals(activity))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void stepsAreCountedOnceAlthoughTheStageWasStoppedInTheMiddle() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.PROMPTS);
    Stage finetune = first(plan, "Finetune");
    for (Stage stage : plan.stages()) {
      if (stage.key().equals(finetune.key())) {
        break;
      }
      runner().perform(stage, Caller.of("test"), Monitor.silent());
    }
    Monitor stops =
        new Monitor() {
          @Override
          public void progress(long done, long total, String unit, Optional<Double> loss) {
            if (done > 0) {
              throw new StopRequestedException(new InterruptedException("a test"));
            }
          }

          @Override
          public void note(String text) {}
        };
    assertThatThrownBy(() -> runner().perform(finetune, Caller.of("test"), stops))
        .isInstanceOf(StopRequestedException.class);
    double beforeTheStop = counter("inkling.steps", "Finetune");
    runner().perform(finetune, Caller.of("test"), Monitor.silent());
    runner().perform(finetune, Caller.of("test"), Monitor.silent());

    int steps =
        Files.readAllLines(store().find(finetune.key()).orElseThrow().file("loss.csv")).size() - 1;
    assertThat(beforeTheStop).isPositive().isLessThan(steps);
    assertThat(counter("inkling.steps", "Finetune")).isEqualTo(steps);
    assertThat(counter("inkling.attempts", "Finetune")).isEqualTo(2);
    assertThat(counter("inkling.retries", "Finetune")).isEqualTo(1);
    assertThat(ended("Finetune", "stopped")).isEqualTo(1);
    assertThat(ended("Finetune", "done")).isEqualTo(1);
    assertThat(ended("Finetune", "reused")).isEqualTo(1);
    assertThat(registry.get("inkling.loss").tag("stage", "Finetune").gauge().value())
        .isFinite()
        .isPositive();
    assertThat(registry.get("inkling.stages.running").gauge().value()).isZero();
  }

  @Test
  void rowsAreCountedAlsoWhereAStageIsTooShortToTellItsProgress() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.PROMPTS);
    Stage generate = first(plan, "GenerateDataset");
    runner().perform(generate, Caller.of("test"), Monitor.silent());

    String summary = store().find(generate.key()).orElseThrow().manifest().summary();
    String[] words = summary.replace(",", "").split("\\D+", -1);
    assertThat(counter("inkling.rows", "GenerateDataset"))
        .as(summary)
        .isEqualTo(Double.parseDouble(words[0]) * Double.parseDouble(words[1]));
    assertThat(registry.get("inkling.wait").tag("for", "slot").timer().count()).isEqualTo(1);
    assertThat(registry.get("inkling.wait").tag("for", "claim").timer().count()).isEqualTo(1);
    assertThat(counter("inkling.lost.work.seconds", "GenerateDataset")).isZero();
  }

  @Test
  void aFailureIsCountedAsOne() throws Exception {
    Stage filter = first(TinyPlan.of(TinyPlan.PROMPTS), "Filter");

    assertThatThrownBy(() -> runner().perform(filter, Caller.of("test"), Monitor.silent()))
        .isInstanceOf(StageRunner.MissingInputException.class);
    assertThat(ended("Filter", "failed")).isEqualTo(1);
    assertThat(registry.get("inkling.stages.running").gauge().value()).isZero();
  }
}
