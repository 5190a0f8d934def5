package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nobody would notice a cache that Java does not take, except by the time. */
class FastStartTest extends AtATerminal {
  @Test
  void javaTakesTheCacheForTheCommandsOfTests() throws Exception {
    FastStart fast = FastStart.here();

    assertThat(version(fast, fast.classPath()).mustSucceed()).startsWith("inkling ");
    assertThat(version(fast, directory + ":" + fast.classPath()).exitCode()).isNotZero();
  }

  /** The version, told by a Java that does not start without the cache. */
  private Terminal.Command version(FastStart fast, String classPath) throws Exception {
    return terminal.java(
        Map.of(),
        List.of("-XX:AOTMode=on", "-XX:AOTCache=" + fast.cache(), "-cp", classPath),
        Main.class.getName(),
        "--version");
  }
}
