package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Everything killed with SIGKILL at random moments, the command typed again: the same bytes in the
 * end.
 */
class CrashTest extends AtATerminal {
  private static final int KILLS = 4;

  @Test
  void killedAtRandomMomentsAndTypedAgainItEndsInTheSameBytes() throws Exception {
    String spec = file(SmallSpec.YAML);
    Map<String, String> uninterrupted =
        Terminal.artifactsOf(directory.resolve("uninterrupted"), "run", spec);
    long seed = System.nanoTime();
    System.out.println("CrashTest: seed " + seed);
    Random random = new Random(seed);
    for (int kill = 0; kill < KILLS; kill++) {
      Terminal.Command run = terminal.type("run", spec);
      // From before the server is up until well into the students.
      TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(9000));
      run.process().destroyForcibly().waitFor();
      if (random.nextBoolean()) {
        terminal.killServer();
      }
    }
    terminal.mustSucceed("run", spec);

    assertThat(Terminal.artifactHashes(terminal.home())).isEqualTo(uninterrupted);
    assertThat(terminal.mustSucceed("artifacts", "verify")).contains("are as they were published");
  }
}
