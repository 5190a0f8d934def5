package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.crash.CrashPoint;
import dev.inkling.language.SpendFile;
import dev.inkling.provider.FakeProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Paid calls and crashes: the command line in processes of its own, over the real server, against a
 * provider in a process of its own that writes down what it bills.
 */
class LanguageCrashTest extends AtATerminal {
  private static final String KEY = "sk-test-inkling-0123456789abcdef";

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

  /** What an uncrashed run makes, and how many requests it is billed for. */
  private record Whole(Map<String, String> artifacts, long billed) {}

  private static Whole whole = new Whole(Map.of(), 0);

  /** One address for all: another server's answers would be other artifacts. */
  private static FakeProcess provider;

  private String spec = "";

  @BeforeAll
  static void runUncrashed(@TempDir Path directory) throws Exception {
    provider = new FakeProcess(directory.resolve("ledger.jsonl"));
    behave();
    Path spec = Files.writeString(directory.resolve("spec.yaml"), SPEC);
    try (Terminal terminal = new Terminal(directory.resolve("home"))) {
      terminal.type(environment(), "run", spec.toString()).mustSucceed();
      assertThat(repeated(terminal.home())).isZero();
      whole = new Whole(hashes(terminal.home()), billed());
    }
  }

  @BeforeEach
  void open() throws Exception {
    provider.forget();
    behave();
    spec = file(SPEC);
  }

  @AfterAll
  static void close() throws Exception {
    provider.close();
  }

  private static void behave() throws Exception {
    provider.behave("{\"latencyMs\": 30, \"key\": \"" + KEY + "\"}");
  }

  private static Map<String, String> environment() {
    return Map.of("OPENAI_API_KEY", KEY, "OPENAI_BASE_URL", provider.openAiUrl());
  }

  private static long billed() throws Exception {
    return provider.billed().path("accepted").asLong();
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
    // While a teacher writes, while a student answers, while the judge reads.
    int kills = 0;
    for (double share : new double[] {0.1, 0.35, 0.6, 0.9}) {
      Terminal.Command run = terminal.type(environment(), "run", spec);
      awaitBilled((long) (share * whole.billed()), run);
      run.process().destroyForcibly().waitFor();
      if (kills++ % 2 == 1) {
        terminal.killServer();
      }
    }
    String last = terminal.type(environment(), "run", spec).mustSucceed();

    assertThat(hashes(terminal.home())).isEqualTo(whole.artifacts());
    long again = billed() - whole.billed();
    System.out.println(
        "LanguageCrashTest: " + again + " of " + whole.billed() + " requests asked again");
    assertThat(again).isBetween(1L, (long) kills * IN_FLIGHT);
    // A request that was sent and never arrived counts as asked twice, too: nobody can know.
    assertThat(repeated(terminal.home())).isBetween(again, (long) kills * IN_FLIGHT);
    assertThat(last).contains("again after a crash");
  }

  @ParameterizedTest
  @EnumSource(names = {"JOURNAL_APPENDED", "JOURNAL_FORCED"})
  void aCrashAtAnEffectOfTheJournalChangesNothing(CrashPoint point) throws Exception {
    Map<String, String> crashing = new TreeMap<>(environment());
    crashing.put("INKLING_CRASH_AT", point + ":7");
    Terminal.Command run = terminal.type(crashing, "run", spec);
    assertThat(run.exitCode()).as(run.text()).isEqualTo(CrashPoint.CODE);

    terminal.type(environment(), "run", spec).mustSucceed();
    assertThat(hashes(terminal.home())).isEqualTo(whole.artifacts());
  }

  private void awaitBilled(long count, Terminal.Command run) throws Exception {
    long end = System.nanoTime() + Terminal.LONG.toNanos();
    while (billed() < count) {
      if (System.nanoTime() > end || !run.process().isAlive()) {
        throw new AssertionError(billed() + " of " + count + " billed:\n" + run.text());
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void theKeyStandsNowhereNotEvenAmongTheArgumentsOfAProcess() throws Exception {
    Terminal.Command run = terminal.type(environment(), "run", spec);
    awaitBilled(20, run);
    assertThat(arguments()).isNotEmpty().noneMatch(line -> line.contains(KEY));
    run.mustSucceed();

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
    try (SmallDisk disk = SmallDisk.of("160k", directory.resolve("small"));
        Terminal onSmallDisk = new Terminal(disk.directory())) {
      terminal.type("server").awaitText("Temporal UI");
      Map<String, String> environment = new TreeMap<>(environment());
      environment.put("TEMPORAL_ADDRESS", terminal.serverAddress());
      Terminal.Command full = onSmallDisk.type(environment, "run", spec);
      assertThat(full.exitCode()).as(full.text()).isEqualTo(Main.FAILED);
      assertThat(full.text()).contains("is full", "./inkling run");

      disk.grow("200m");
      onSmallDisk.type(environment, "run", spec).mustSucceed();
      assertThat(hashes(disk.directory())).isEqualTo(whole.artifacts());
      assertThat(billed() - whole.billed()).isLessThanOrEqualTo(IN_FLIGHT);
    }
  }

  @Test
  void aWrongKeyFailsBeforeAnythingIsPaidAndSaysWhichVariableToSet() throws Exception {
    Map<String, String> wrong =
        Map.of("OPENAI_API_KEY", "sk-wrong-9876543210", "OPENAI_BASE_URL", provider.openAiUrl());
    Terminal.Command run = terminal.type(wrong, "run", spec);

    assertThat(run.exitCode()).isEqualTo(Main.FAILED);
    assertThat(run.text())
        .contains("OPENAI_API_KEY")
        .contains("To go on from what is stored:")
        .doesNotContain("sk-wrong-9876543210");
    assertThat(billed()).isZero();
  }

  @Test
  void withoutAKeyNothingIsStarted() throws Exception {
    Terminal.Command run = terminal.type(Map.of("OPENAI_API_KEY", ""), "run", spec);

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.text()).contains("set OPENAI_API_KEY").contains("Nothing was started");
    assertThat(terminal.server()).isEmpty();
  }

  @Test
  void whereTheBudgetEndsItParksAndGoesOnWithALargerOne() throws Exception {
    Terminal.Command run =
        terminal.type(environment(), "run", spec, "--set", "budget={tokens: 20000}");
    run.awaitText("parked");
    long parked = billed();
    run.awaitText("inkling budget");
    TimeUnit.SECONDS.sleep(1);
    assertThat(billed()).isEqualTo(parked);

    terminal.mustSucceed("budget", run.experiment(), "--tokens", "10000000");
    run.mustSucceed();
    assertThat(repeated(terminal.home())).isZero();
  }
}
