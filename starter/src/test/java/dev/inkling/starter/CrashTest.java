package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything killed with SIGKILL at random moments, the command typed again: the same bytes in the
 * end.
 */
@Timeout(600)
class CrashTest {
  private static final int KILLS = 4;

  @TempDir Path directory;

  @Test
  void killedAtRandomMomentsAndTypedAgainItEndsInTheSameBytes() throws Exception {
    Path spec = Files.writeString(directory.resolve("spec.yaml"), SmallSpec.YAML);
    Map<String, String> uninterrupted;
    try (Terminal terminal = new Terminal(Files.createDirectories(directory.resolve("a")))) {
      terminal.mustSucceed("run", spec.toString());
      uninterrupted = Terminal.artifactHashes(terminal.home());
    }
    long seed = System.nanoTime();
    System.out.println("CrashTest: seed " + seed);
    Random random = new Random(seed);
    try (Terminal terminal = new Terminal(Files.createDirectories(directory.resolve("b")))) {
      for (int kill = 0; kill < KILLS; kill++) {
        Terminal.Command run = terminal.type("run", spec.toString());
        // From before the server is up until well into the students.
        TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(9000));
        run.process().destroyForcibly().waitFor();
        if (random.nextBoolean()) {
          terminal.killServer();
        }
      }
      Terminal.Command last = terminal.type("run", spec.toString());

      assertThat(last.exitCode(Duration.ofMinutes(4))).as(last.text()).isZero();
      assertThat(Terminal.artifactHashes(terminal.home())).isEqualTo(uninterrupted);
      assertThat(terminal.mustSucceed("artifacts", "verify"))
          .contains("are as they were published");
    }
  }
}
