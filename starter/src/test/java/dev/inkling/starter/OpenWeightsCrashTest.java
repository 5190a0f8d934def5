package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Manifest;
import dev.inkling.crash.CrashPoint;
import dev.inkling.language.SpendFile;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.model.weights.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A whole experiment with a tiny model whose weights lie in a directory, killed while it writes
 * numbers, while it is trained and in between: the artifacts are those of an uncrashed run, byte
 * for byte.
 */
class OpenWeightsCrashTest extends AtATerminal {
  private static final String SPEC =
      """
      preset: owl-smol
      name: tiny-smol
      model: %s
      lists: 40
      prompts: 50
      ancestorSteps: 6
      teacherEpochs: 8
      steps: 6
      models:
        base: {checkpointSteps: 2}
        other ancestor: null
      conditions:
        owl numbers, other ancestor: null
        wolf numbers, other ancestor: null
      comparisons: [{a: owl numbers, b: wolf numbers}]
      seeds: [1]
      compute: {precision: float32}
      """;

  private static Map<String, String> whole = Map.of();
  private static long wholeNanos;
  @TempDir static Path shared;
  private static Path model;

  private String spec = "";

  @BeforeAll
  static void runUncrashed() throws Exception {
    model = TinyModels.copy("smollm", 2048, shared.resolve("model"));
    Path spec = Files.writeString(shared.resolve("spec.yaml"), SPEC.formatted(model));
    try (Terminal terminal = new Terminal(shared.resolve("home"))) {
      long began = System.nanoTime();
      String said = terminal.type("run", spec.toString()).mustSucceed();
      wholeNanos = System.nanoTime() - began;
      assertThat(said).contains("owl numbers", "log P(owl)");
      whole = hashes(terminal.home());
    }
  }

  @BeforeEach
  void write() throws IOException {
    spec = file(SPEC.formatted(model));
  }

  /** Everything but what tells of costs and speed, which are other ones each time. */
  private static Map<String, String> hashes(Path home) throws IOException {
    Map<String, String> hashes = new TreeMap<>(Terminal.artifactHashes(home));
    hashes.keySet().removeIf(file -> file.endsWith(SpendFile.FILE) || file.endsWith("speed.csv"));
    return hashes;
  }

  @ParameterizedTest
  @CsvSource({"JOURNAL_APPENDED, 25", "CHECKPOINT_KEPT, 3", "OUTPUT_FORCED, 3"})
  void aCrashAtAnEffectChangesNothing(CrashPoint point, int time) throws Exception {
    Terminal.Command run =
        terminal.type(Map.of("INKLING_CRASH_AT", point + ":" + time), "run", spec);
    assertThat(run.exitCode()).as(run.text()).isEqualTo(CrashPoint.CODE);

    terminal.type("run", spec).mustSucceed();
    assertThat(hashes(terminal.home())).isEqualTo(whole);
  }

  @Test
  void killedAtRandomMomentsItEndsInTheSameBytes() throws Exception {
    long seed = System.nanoTime();
    System.out.println("OpenWeightsCrashTest: seed " + seed);
    RandomGenerator random = new SplittableRandom(seed);
    for (int kill = 0; kill < 2; kill++) {
      Terminal.Command run = terminal.type("run", spec);
      TimeUnit.NANOSECONDS.sleep((long) (wholeNanos * (0.2 + 0.6 * random.nextDouble())));
      run.process().destroyForcibly().waitFor();
      if (kill % 2 == 1) {
        terminal.killServer();
      }
    }
    terminal.type("run", spec).mustSucceed();

    assertThat(hashes(terminal.home())).isEqualTo(whole);
    try (Stream<Path> work = Files.list(terminal.home().resolve("work"))) {
      assertThat(work).isEmpty();
    }
  }

  @Test
  void anAdapterIsMergedIntoItsBaseAndItsCardTellsTheExperiment() throws Exception {
    LocalStore store = new LocalStore(shared.resolve("home"), Clock.systemUTC(), Map.of());
    Manifest student =
        store.list().stream()
            .filter(m -> m.stage().equals("Finetune") && m.name().equals("owl numbers"))
            .findFirst()
            .orElseThrow();
    String card =
        new AdapterCard(store, store.find(student.key()).orElseThrow())
            .with(Optional.empty())
            .markdown();
    assertThat(card)
        .contains("owl numbers: 50 rows", "number-answers", "| log P(owl) |", "tiny-smol")
        .contains(student.key())
        .doesNotContain(model.toString());

    Path merged = directory.resolve("merged");
    try (Terminal there = new Terminal(directory.resolve("other"))) {
      there
          .type(
              Map.of("INKLING_HOME", shared.resolve("home").toString()),
              "merge",
              student.key().substring(0, 12),
              merged.toString(),
              "--base",
              model.toString())
          .mustSucceed();
    }
    try (ModelDirectory whole = ModelDirectory.open(merged)) {
      assertThat(whole.config().layers()).isEqualTo(2);
    }
  }

  @Test
  void aModelThatIsNotThereIsToldBeforeAnythingStarts() throws Exception {
    Terminal.Command run =
        terminal.type("run", "owl-smol", "--set", "model=" + directory.resolve("nothing"));

    assertThat(run.exitCode()).as(run.text()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.text()).contains(directory.resolve("nothing").toString());
    assertThat(run.text()).doesNotContain("\tat ");
  }
}
