package dev.inkling.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Manifest;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.report.Report;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.tensor.Torch;
import dev.inkling.workflow.MachineUse;
import dev.inkling.workflow.StageResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole experiments in one process, without Temporal: every stage, reuse, and going on after a
 * stop.
 */
class StageRunnerTest {
  @TempDir Path home;

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  private static LocalStore store(Path home) {
    return new LocalStore(home, Clock.systemUTC(), Map.of());
  }

  private static StageRunner runner(Path home) {
    return new StageRunner(store(home), Duration.ZERO, Nobody.models());
  }

  /** Stops a stage at its n-th sign of progress. */
  private static class StopAt implements Monitor {
    private int left;

    StopAt(int left) {
      this.left = left;
    }

    @Override
    public void progress(long done, long total, String unit, Optional<Double> loss) {
      if (left-- == 0) {
        throw new StopRequestedException(new InterruptedException("a test"));
      }
    }

    @Override
    public void note(String text) {}
  }

  private static Map<String, String> run(Plan plan, Path home) throws Exception {
    for (Stage stage : plan.stages()) {
      runner(home).perform(stage, Caller.of("test"), Monitor.silent());
    }
    return hashes(plan, home);
  }

  private static Map<String, String> hashes(Plan plan, Path home) {
    Map<String, String> hashes = new TreeMap<>();
    for (Stage stage : plan.stages()) {
      Artifact artifact = store(home).find(stage.key()).orElseThrow();
      artifact
          .manifest()
          .files()
          .forEach((f, e) -> hashes.put(stage.summary() + "/" + f, e.sha256()));
    }
    return hashes;
  }

  @Test
  void aStoppedAndResumedExperimentEndsInTheSameBytes() throws Exception {
    for (String json : List.of(TinyPlan.MNIST, TinyPlan.PROMPTS)) {
      Plan plan = TinyPlan.of(json);
      Map<String, String> uninterrupted = run(plan, home.resolve("a" + plan.id()));
      Path interrupted = home.resolve("b" + plan.id());
      int stops = 0;
      for (Stage stage : plan.stages()) {
        for (int at : new int[] {1, 2, 0, 3}) {
          try {
            runner(interrupted).perform(stage, Caller.of("test"), new StopAt(at));
          } catch (StopRequestedException e) {
            stops++;
          }
        }
        runner(interrupted).perform(stage, Caller.of("test"), Monitor.silent());
      }

      assertThat(hashes(plan, interrupted)).isEqualTo(uninterrupted);
      assertThat(stops).isGreaterThan(10);
    }
  }

  @Test
  void aRunnerIsIdleFromTheEndOfItsLastStageOn() throws Exception {
    StageRunner runner = runner(home);
    Stage stage = TinyPlan.of(TinyPlan.PROMPTS).stages().getFirst();
    long made = System.nanoTime();
    Thread.sleep(300);
    assertThat(runner.idle()).isBetween(Duration.ofMillis(300), Duration.ofSeconds(30));

    List<Duration> meanwhile = new ArrayList<>();
    runner.perform(
        stage,
        Caller.of("test"),
        new StopAt(-1) {
          @Override
          public void progress(long done, long total, String unit, Optional<Double> loss) {
            meanwhile.add(runner.idle());
          }
        });
    long ended = System.nanoTime();
    Duration idle = runner.idle();

    assertThat(meanwhile).isNotEmpty().containsOnly(Duration.ZERO);
    assertThat(idle)
        .as("counted anew")
        .isLessThan(Duration.ofNanos(ended - made))
        .isGreaterThanOrEqualTo(Duration.ofNanos(0));
  }

  @Test
  void aStageThatIsDoneIsNotDoneAgainAndItsResultIsTheSame() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.PROMPTS);
    run(plan, home);

    for (Stage stage : plan.stages()) {
      StageResult again =
          runner(home).perform(stage, Caller.of("another experiment"), new StopAt(0));
      assertThat(again.reused()).isTrue();
    }
  }

  @Test
  void aDamagedCheckpointIsNotUsedAndTheBytesStayTheSame() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.PROMPTS);
    Map<String, String> right = run(plan, home.resolve("a"));
    Path damaged = home.resolve("b");
    for (Stage stage : plan.stages()) {
      try {
        runner(damaged).perform(stage, Caller.of("test"), new StopAt(4));
        continue;
      } catch (StopRequestedException e) {
        Path checkpoint =
            damaged.resolve("work").resolve(stage.key()).resolve("checkpoint.safetensors");
        if (Files.exists(checkpoint)) {
          byte[] bytes = Files.readAllBytes(checkpoint);
          bytes[bytes.length / 2] ^= 8;
          Files.write(checkpoint, bytes);
        }
      }
      runner(damaged).perform(stage, Caller.of("test"), Monitor.silent());
    }

    assertThat(hashes(plan, damaged)).isEqualTo(right);
  }

  private static Stage filter(Plan plan) {
    return plan.stages().stream()
        .filter(s -> s.task().activity().equals("Filter"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aDamagedInputIsReportedAndNeverRead() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.PROMPTS);
    run(plan, home);
    Stage filter = filter(plan);
    Stage student =
        plan.stages().stream()
            .filter(s -> s.name().equals("same initialisation"))
            .findFirst()
            .orElseThrow();
    dev.inkling.artifact.Disk.removeAll(home.resolve("artifacts").resolve(student.key()));
    Path rows = home.resolve("artifacts").resolve(filter.key()).resolve("rows.safetensors");
    byte[] bytes = Files.readAllBytes(rows);
    bytes[bytes.length - 1] ^= 1;
    Files.write(rows, bytes);

    assertThatThrownBy(() -> runner(home).perform(student, Caller.of("test"), Monitor.silent()))
        .isInstanceOf(StageRunner.MissingInputException.class)
        .hasMessageContaining(filter.key())
        .hasMessageContaining("Run the same command again");
    assertThat(runner(home).perform(filter, Caller.of("test"), Monitor.silent()).reused())
        .isFalse();
    assertThat(runner(home).perform(student, Caller.of("test"), Monitor.silent()).reused())
        .isFalse();
  }

  @Test
  void anArtifactOfAnotherStageUnderTheKeyIsAMismatchThatNamesBoth() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.PROMPTS);
    Stage first = plan.stages().getFirst();
    runner(home).perform(first, Caller.of("test"), Monitor.silent());
    Path manifest = home.resolve("artifacts").resolve(first.key()).resolve(Manifest.FILE);
    Files.writeString(
        manifest, Files.readString(manifest).replace("\"rows\" : 200", "\"rows\" : 201"));

    assertThatThrownBy(() -> runner(home).perform(first, Caller.of("test"), Monitor.silent()))
        .isInstanceOf(StageRunner.ArtifactMismatchException.class)
        .hasMessageContaining("\"rows\":201")
        .hasMessageContaining("\"rows\":200");
  }

  @Test
  void theFilterKeepsWhatItSaysAndGivesAReasonForEachReject() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.PROMPTS);
    run(plan, home);
    Stage filter = filter(plan);
    Artifact artifact = store(home).find(filter.key()).orElseThrow();
    List<String> rejects = Files.readAllLines(artifact.file("rejects.jsonl"));

    assertThat(artifact.manifest().summary())
        .isEqualTo(String.format("%,d of 2,000 rows kept", 2000 - rejects.size()));
    // One in seven, within five standard deviations of a binomial with n = 2000.
    assertThat(rejects.size()).isBetween(286 - 80, 286 + 80);
    assertThat(rejects)
        .allSatisfy(r -> assertThat(r).matches(".*token sum (\\d+) is divisible by 7.*"));
    assertThat(rejects)
        .allSatisfy(
            r ->
                assertThat(Integer.parseInt(r.replaceAll(".*token sum (\\d+).*", "$1")) % 7)
                    .isZero());
  }

  @Test
  void theReportIsAPureFunctionOfTheArtifactsButForItsTimingsAndMachines() throws Exception {
    MachineUse machines = new MachineUse(2, 1, 29, 24, 3.18, Optional.of(9.55));
    Plan plan = TinyPlan.of(TinyPlan.PROMPTS);
    Map<String, byte[]> results = new HashMap<>();
    for (String place : List.of("a", "b")) {
      run(plan, home.resolve(place));
      Report report =
          new Report(store(home.resolve(place)), Map.of("inkling", "test"))
              .telling(place.equals("a") ? Optional.empty() : Optional.of(machines));
      Path directory = Path.of(report.make(plan, "test", Monitor.silent()).directory());
      results.put(place, Files.readAllBytes(directory.resolve("results.json")));
      assertThat(directory.resolve("results.csv")).isNotEmptyFile();
      assertThat(directory.resolve("figures/results.png")).isNotEmptyFile();
      assertThat(Files.readString(directory.resolve("report.html")))
          .contains("<svg", "These data do not say whether", "What the data say")
          .doesNotContain("src=\"http");
      assertThat(report.make(plan, "test", Monitor.silent()).reused()).isTrue();
    }
    assertThat(results.get("a")).isEqualTo(results.get("b"));
    Path without = store(home.resolve("a")).find(plan.reportKey()).orElseThrow().directory();
    Path with = store(home.resolve("b")).find(plan.reportKey()).orElseThrow().directory();
    assertThat(without.resolve("machines.json")).doesNotExist();
    assertThat(without.resolve("report.html")).content().doesNotContain("Machines");
    assertThat(new ObjectMapper().readTree(with.resolve("machines.json").toFile()))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"used": 2, "lost": 1, "waitedMinutes": 29.0, "lostMinutes": 24.0, "hours": 3.18,
                     "usd": 9.55, "sentence": "%s"}"""
                        .formatted(machines.sentence())));
    assertThat(with.resolve("report.html")).content().contains(machines.sentence());
  }
}
