package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.tensor.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker that is told to end: soon, with its stage handed back where it stood. */
@Timeout(300)
class DrainTest {
  private static final Duration LONG = Duration.ofMinutes(3);

  /** One student that trains for some ten seconds. */
  static final String SPEC =
      """
      preset: mnist
      name: drain
      seeds: [5]
      models:
        initial: {layers: [784, 64, 32, 13], models: 3}
        teacher: {finetune: {epochs: 1}}
      datasets:
        noise: {rows: 6000}
      conditions:
        student (ghost): {finetune: {epochs: 40, batchSize: 128}}
        student (all): null
        cross-model (ghost): null
        cross-model (all): null
      comparisons: []
      """;

  @TempDir Path directory;

  @Test
  void sigtermEndsAWorkerWithinTenSecondsAndTheNextGoesOnFromItsCheckpoint() throws Exception {
    Path spec = Files.writeString(directory.resolve("spec.yaml"), SPEC);
    try (Terminal terminal = new Terminal(Files.createDirectories(directory.resolve("home")))) {
      Terminal.Command run = terminal.type("run", spec.toString(), "--no-worker");
      run.awaitText("Experiment drain-", LONG);
      Terminal.Command first = terminal.type("worker");
      terminal.awaitCheckpoint("student (ghost)", first, LONG);

      long told = System.nanoTime();
      first.signal("TERM");
      assertThat(first.exitCode(Duration.ofSeconds(10))).isEqualTo(143);
      long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - told);
      System.out.println("DrainTest: gone after " + took + " ms");
      Path left = terminal.checkpoint().orElseThrow();
      String step;
      try (Safetensors saved = Safetensors.open(left)) {
        step = saved.metadata("step");
      }
      assertThat(Long.parseLong(step)).isPositive();

      Terminal.Command second = terminal.type("worker");
      second.awaitText("went on from step " + step, LONG);
      assertThat(run.exitCode(LONG)).as(run.text()).isZero();
      assertThat(second.text())
          .containsPattern("'student \\(ghost\\)' [0-9a-f]{12} attempt [2-9]\\d*\\] went on from");
    }
  }
}
