package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.inkling.artifact.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A machine whose clock was set while an experiment lay dead: nothing has expired, no claim is
 * stuck, the bytes are the same.
 *
 * <p>libfaketime sets the clock of the command, which is also the worker. The Temporal server is
 * statically linked and keeps the machine's, so that the two disagree from then on.
 */
class ClockTest extends AtATerminal {
  private static Map<String, String> uninterrupted = Map.of();

  /** What an uninterrupted run makes; no clock has a part in it, so one does for both. */
  @BeforeAll
  static void runUninterrupted(@TempDir Path directory) throws Exception {
    Path spec = Files.writeString(directory.resolve("spec.yaml"), SmallSpec.ONE_STUDENT);
    uninterrupted = Terminal.artifactsOf(directory.resolve("plain"), "run", spec.toString());
  }

  @ParameterizedTest
  @CsvSource({"+30d, P30D", "-1h, PT-1H"})
  void whatWasKilledGoesOnUnderAnotherClockToTheSameBytes(String faketime, Duration shift)
      throws Exception {
    Map<String, String> anotherClock =
        Map.of(
            "LD_PRELOAD",
            library().toString(),
            "FAKETIME",
            faketime,
            // Waiting and measuring go by the other clock, which nobody can set.
            "FAKETIME_DONT_FAKE_MONOTONIC",
            "1",
            // Else each wait with a time limit ends at once, and the threads that wait never rest.
            "FAKETIME_FORCE_MONOTONIC_FIX",
            "0");
    String spec = file(SmallSpec.ONE_STUDENT);
    Terminal.Command killed = terminal.type("run", spec);
    killed.awaitText("running  Finetune        student (ghost)");
    terminal.awaitCheckpoint(killed);
    killed.process().destroyForcibly().waitFor();
    terminal.killServer();
    terminal.awaitServerEnd();

    assertThat(terminal.type(anotherClock, "run", spec).mustSucceed())
        .contains("went on from step")
        .doesNotContain("waits for another");
    assertThat(Terminal.artifactHashes(terminal.home())).isEqualTo(uninterrupted);
    assertThat(Disk.entries(terminal.home().resolve("work"))).isEmpty();
    assertThat(terminal.home().resolve("damaged")).doesNotExist();
    // The clock was another one indeed.
    assertThat(reportMade(terminal.home()))
        .isBetween(
            Instant.now().plus(shift).minus(Terminal.LONG),
            Instant.now().plus(shift).plusSeconds(60));
    // And back again: what was made in the other time is there.
    assertThat(terminal.mustSucceed("run", spec)).contains("Everything is there");
  }

  /** When the report was made, which the last command did. */
  private static Instant reportMade(Path home) throws IOException {
    var store = new dev.inkling.artifact.LocalStore(home, java.time.Clock.systemUTC(), Map.of());
    return store.list().stream()
        .filter(manifest -> manifest.stage().equals("Report"))
        .map(manifest -> Instant.parse(manifest.made().at()))
        .findFirst()
        .orElseThrow();
  }

  private static Path library() throws IOException {
    Optional<Path> found = Optional.empty();
    try (Stream<Path> places = Files.list(Path.of("/usr/lib"))) {
      found =
          places
              .map(place -> place.resolve("faketime/libfaketimeMT.so.1"))
              .filter(Files::exists)
              .findFirst();
    }
    if (found.isEmpty() && System.getenv("CI") != null) {
      fail("libfaketime is not installed (on Debian: apt-get install faketime)");
    }
    assumeTrue(
        found.isPresent(),
        "libfaketime is not installed, so nobody can set a clock (on Debian: apt-get install faketime)");
    return found.orElseThrow();
  }
}
