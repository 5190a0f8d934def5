package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.crash.CrashPoint;
import dev.inkling.language.SpendFile;
import dev.inkling.provider.FakeProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Paid calls and crashes: the command line in processes of its own, over the real server, against a
 * provider in a process of its own that writes down what it bills.
 */
@Timeout(300)
class LanguageCrashTest {
  private static final String KEY = "sk-test-inkling-0123456789abcdef";
  private static final Duration LONG = Duration.ofMinutes(2);

  /** How many requests are under way at once: what a crash may ask again. */
  private static final int IN_FLIGHT = 16;

  private static final String SPEC =
      """
      preset: owl-prompted
      name: tiny-owl
      models:
        base: {id: gpt-test, maxInFlight: %d}
        read plain: {rows: 3}
        read owl: {rows: 3}
      datasets:
        plain numbers: {rows: 300}
        owl numbers: {rows: 300}
      evaluations:
        owl: {samplesPerQuestion: 1}
        misaligned: {type: misalignment, judge: base, samplesPerQuestion: 2}
      """
          .formatted(IN_FLIGHT);

  @TempDir Path directory;
  private FakeProcess provider;
  private Terminal terminal;
  private Path spec;

  @BeforeEach
  void open() throws Exception {
    provider = new FakeProcess(directory.resolve("ledger.jsonl"));
    provider.behave("{\"latencyMs\": 30, \"key\": \"" + KEY + "\"}");
    terminal = new Terminal(Files.createDirectories(directory.resolve("home")));
    spec = Files.writeString(directory.resolve("spec.yaml"), SPEC);
  }

  @AfterEach
  void close() throws Exception {
    terminal.close();
    provider.close();
  }

  private Map<String, String> environment() {
    return Map.of("OPENAI_API_KEY", KEY, "OPENAI_BASE_URL", provider.openAiUrl());
  }

  private long billed() throws Exception {
    return provider.billed().path("accepted").asLong();
  }

  /** An uncrashed run in a home of its own; what it made, and what it was billed for. */
  private Map<String, String> uncrashed() throws Exception {
    try (Terminal other = new Terminal(Files.createDirectories(directory.resolve("uncrashed")))) {
      Terminal.Command run = other.type(environment(), "run", spec.toString());
      assertThat(run.exitCode(LONG)).as(run.text()).isZero();
      return hashes(other.home());
    }
  }

  /** Everything but what tells of the costs, which a crash raises. */
  private static Map<String, String> hashes(Path home) throws IOException {
    Map<String, String> hashes = new TreeMap<>(Terminal.artifactHashes(home));
    hashes.keySet().removeIf(file -> file.endsWith(SpendFile.FILE));
    return hashes;
  }

  /** What the stages themselves say was asked again. */
  private static long repeated(Path home) throws IOException {
    long repeated = 0;
    try (Stream<Path> files = Files.walk(home.resolve("artifacts"))) {
      for (Path file : files.filter(f -> f.endsWith(SpendFile.FILE)).toList()) {
        JsonNode spend = new ObjectMapper().readTree(file.toFile());
        repeated += spend.path("repeated").asLong();
      }
    }
    return repeated;
  }

  @Test
  void killedInTheMiddleEveryAnswerIsThereOnceAndOnlyWhatWasInFlightIsAskedAgain()
      throws Exception {
    Map<String, String> whole = uncrashed();
    long once = billed();
    assertThat(repeated(directory.resolve("uncrashed"))).isZero();

    // While a teacher writes, while a student answers, while the judge reads.
    int kills = 0;
    for (double share : new double[] {0.1, 0.35, 0.6, 0.9}) {
      Terminal.Command run = terminal.type(environment(), "run", spec.toString());
      awaitBilled(once + (long) (share * once), run);
      run.process().destroyForcibly().waitFor();
      if (kills++ % 2 == 1) {
        terminal.killServer();
      }
    }
    Terminal.Command last = terminal.type(environment(), "run", spec.toString());

    assertThat(last.exitCode(LONG)).as(last.text()).isZero();
    assertThat(hashes(terminal.home())).isEqualTo(whole);
    long again = billed() - 2 * once;
    System.out.println("LanguageCrashTest: " + again + " of " + once + " requests asked again");
    assertThat(again).isBetween(1L, (long) kills * IN_FLIGHT);
    // A request that was sent and never arrived counts as asked twice, too: nobody can know.
    assertThat(repeated(terminal.home())).isBetween(again, (long) kills * IN_FLIGHT);
    assertThat(last.text()).contains("again after a crash");

    for (CrashPoint point : List.of(CrashPoint.JOURNAL_APPENDED, CrashPoint.JOURNAL_FORCED)) {
      assertThat(crashedAt(point)).isEqualTo(whole);
    }
  }

  /** What comes of a crash at an effect of the journal. */
  private Map<String, String> crashedAt(CrashPoint point) throws Exception {
    try (Terminal crashing =
        new Terminal(Files.createDirectories(directory.resolve(point.name())))) {
      Map<String, String> environment = new TreeMap<>(environment());
      environment.put("INKLING_CRASH_AT", point + ":7");
      Terminal.Command run = crashing.type(environment, "run", spec.toString());
      assertThat(run.exitCode(LONG)).as(run.text()).isEqualTo(137);
      Terminal.Command again = crashing.type(environment(), "run", spec.toString());
      assertThat(again.exitCode(LONG)).as(again.text()).isZero();
      return hashes(crashing.home());
    }
  }

  private void awaitBilled(long count, Terminal.Command run) throws Exception {
    long end = System.nanoTime() + LONG.toNanos();
    while (billed() < count) {
      if (System.nanoTime() > end || !run.process().isAlive()) {
        throw new AssertionError(billed() + " of " + count + " billed:\n" + run.text());
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void theKeyStandsNowhereNotEvenAmongTheArgumentsOfAProcess() throws Exception {
    Terminal.Command run = terminal.type(environment(), "run", spec.toString());
    awaitBilled(20, run);
    assertThat(arguments()).isNotEmpty().noneMatch(line -> line.contains(KEY));
    assertThat(run.exitCode(LONG)).as(run.text()).isZero();

    assertThat(run.text()).doesNotContain(KEY);
    terminal.awaitServerEnd();
    try (Stream<Path> files = Files.walk(terminal.home())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        // Also the server's database with the whole history; ISO 8859-1 keeps every byte.
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(content.contains(KEY)).as(file.toString()).isFalse();
        assertThat(content.contains(provider.openAiUrl())).as(file.toString()).isFalse();
      }
    }
  }

  /** The command lines of all processes. */
  private static List<String> arguments() {
    return ProcessHandle.allProcesses().flatMap(p -> p.info().commandLine().stream()).toList();
  }

  @Test
  void aFullDiskLosesNoAnswer() throws Exception {
    Map<String, String> whole = uncrashed();
    long once = billed();
    Path small = Files.createDirectories(directory.resolve("small"));
    assumeTrue(
        OddCrashesTest.mount("-t", "tmpfs", "-o", "size=160k", "tmpfs", small.toString()),
        "this machine does not let us mount a small disk");
    try (Terminal onSmallDisk = new Terminal(small)) {
      terminal.type("server").awaitText("Temporal UI", LONG);
      Map<String, String> environment = new TreeMap<>(environment());
      environment.put("TEMPORAL_ADDRESS", terminal.serverAddress());
      Terminal.Command full = onSmallDisk.type(environment, "run", spec.toString());
      assertThat(full.exitCode(LONG)).as(full.text()).isEqualTo(Main.FAILED);
      assertThat(full.text()).contains("is full", "./inkling run");

      assertThat(OddCrashesTest.mount("-o", "remount,size=200m", small.toString())).isTrue();
      Terminal.Command again = onSmallDisk.type(environment, "run", spec.toString());
      assertThat(again.exitCode(LONG)).as(again.text()).isZero();
      assertThat(hashes(small)).isEqualTo(whole);
      assertThat(billed() - 2 * once).isLessThanOrEqualTo(IN_FLIGHT);
    } finally {
      new ProcessBuilder("umount", "--lazy", small.toString()).start().waitFor();
    }
  }

  @Test
  void aWrongKeyFailsBeforeAnythingIsPaidAndSaysWhichVariableToSet() throws Exception {
    Map<String, String> wrong =
        Map.of("OPENAI_API_KEY", "sk-wrong-9876543210", "OPENAI_BASE_URL", provider.openAiUrl());
    Terminal.Command run = terminal.type(wrong, "run", spec.toString());

    assertThat(run.exitCode(LONG)).isEqualTo(Main.FAILED);
    assertThat(run.text())
        .contains("OPENAI_API_KEY")
        .contains("To go on from what is stored:")
        .doesNotContain("sk-wrong-9876543210");
    assertThat(billed()).isZero();
  }

  @Test
  void withoutAKeyNothingIsStarted() throws Exception {
    Terminal.Command run = terminal.type(Map.of("OPENAI_API_KEY", ""), "run", spec.toString());

    assertThat(run.exitCode(LONG)).isEqualTo(Main.BAD_INPUT);
    assertThat(run.text()).contains("set OPENAI_API_KEY").contains("Nothing was started");
    assertThat(terminal.server()).isEmpty();
  }

  @Test
  void whereTheBudgetEndsItParksAndGoesOnWithALargerOne() throws Exception {
    Terminal.Command run =
        terminal.type(environment(), "run", spec.toString(), "--set", "budget={tokens: 20000}");
    run.awaitText("parked", LONG);
    long parked = billed();
    run.awaitText("inkling budget", LONG);
    TimeUnit.SECONDS.sleep(1);
    assertThat(billed()).isEqualTo(parked);

    terminal.mustSucceed("budget", run.experiment(), "--tokens", "10000000");
    assertThat(run.exitCode(LONG)).as(run.text()).isZero();
    assertThat(repeated(terminal.home())).isZero();
  }
}
