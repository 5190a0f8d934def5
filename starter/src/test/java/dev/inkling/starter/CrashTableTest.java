package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.crash.CrashPoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The published table has one line for each crash point. */
class CrashTableTest {
  @Test
  void everyPointHasItsLine() throws Exception {
    assertThat(
            Files.readAllLines(Path.of("../docs/design/crashes.md")).stream()
                .filter(l -> l.startsWith("| `") && l.matches("\\| `[A-Z_]+`.*"))
                .map(l -> l.replaceAll("\\| `([A-Z_]+)`.*", "$1")))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(CrashPoint.values()).map(Enum::name).toList());
  }
}
