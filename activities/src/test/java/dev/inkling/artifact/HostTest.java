package dev.inkling.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostTest {
  @TempDir Path directory;

  private String identity(String machine, String boot, String processes) throws IOException {
    Path namespace = directory.resolve("ns");
    Files.deleteIfExists(namespace);
    Files.createSymbolicLink(namespace, Path.of(processes));
    return Host.identity(
        Files.writeString(directory.resolve("machine-id"), machine),
        Files.writeString(directory.resolve("boot_id"), boot),
        namespace);
  }

  @Test
  void itIsTheSameForProcessesThatSeeEachOtherAndForNoOthers() throws IOException {
    String here = identity("m", "b", "pid:[1]");

    assertThat(identity("m\n", "b\n", "pid:[1]")).isEqualTo(here);
    assertThat(identity("m", "b", "pid:[2]")).as("another container").isNotEqualTo(here);
    assertThat(identity("m", "c", "pid:[1]")).as("started again").isNotEqualTo(here);
    assertThat(identity("n", "b", "pid:[1]")).as("another machine").isNotEqualTo(here);
    assertThat(here).doesNotContain("m\n").hasSize(32);
  }

  @Test
  void whereNothingTellsNoProcessIsTakenForOneThatIsGone() {
    Path nothing = directory.resolve("nothing");

    assertThat(Host.identity(nothing, nothing, nothing))
        .isNotEqualTo(Host.identity(nothing, nothing, nothing));
  }
}
