package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.artifact.Disk;
import dev.inkling.crash.CrashPoint;
import dev.inkling.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bits that change on the disk, and a disk that is full; docs/design/crashes.md. */
class DamageTest extends AtATerminal {
  private static final String SPEC = SmallSpec.brief(SmallSpec.ONE_STUDENT);
  private static Map<String, String> uninterrupted = Map.of();

  private String spec = "";

  @BeforeAll
  static void runUninterrupted(@TempDir Path directory) throws Exception {
    Path spec = Files.writeString(directory.resolve("spec.yaml"), SPEC);
    uninterrupted = Terminal.artifactsOf(directory.resolve("home"), "run", spec.toString());
  }

  @BeforeEach
  void writeSpec() throws IOException {
    spec = file(SPEC);
  }

  @Test
  void aDamagedCheckpointIsNotUsedAndWithoutItsChecksumWouldBeNoticed() throws Exception {
    assertThat(goneOnFromADamagedCheckpoint("damaged", "")).isEqualTo(uninterrupted);

    String mutant =
        Mutant.of(
                directory.resolve("mutant-checksum"),
                Safetensors.class,
                "if (!found.equals(written)) {",
                "if (found.isEmpty()) {")
            .path();
    assertThat(goneOnFromADamagedCheckpoint("unchecked", mutant)).isNotEqualTo(uninterrupted);
  }

  private Map<String, String> goneOnFromADamagedCheckpoint(String name, String classesFirst)
      throws Exception {
    try (Terminal other = new Terminal(directory.resolve(name))) {
      // What other stages keep comes first.
      for (int kept = 3; other.checkpoint().isEmpty(); kept = 1) {
        Terminal.Command run =
            other.type(
                Map.of(
                    "INKLING_CRASH_AT",
                    "CHECKPOINT_KEPT:" + kept,
                    "INKLING_CHECKPOINT_SECONDS",
                    "0.02"),
                "run",
                spec);
        assertThat(run.exitCode()).as(run.text()).isEqualTo(CrashPoint.CODE);
      }
      flip(other.checkpoint().orElseThrow());
      Terminal.Command again =
          other.type(Map.of(Terminal.CLASSES_FIRST, classesFirst), "run", spec);
      again.mustSucceed();
      return Terminal.artifactHashes(other.home());
    }
  }

  @Test
  void aDamagedArtifactIsMovedAsideAndMadeAgain() throws Exception {
    terminal.mustSucceed("run", spec);
    Map<String, String> before = Terminal.artifactHashes(terminal.home());
    flip(terminal.home().resolve("artifacts").resolve(model(before)));

    assertThat(terminal.mustSucceed("run", spec)).containsPattern("Done: 1 stages made");
    assertThat(Terminal.artifactHashes(terminal.home())).isEqualTo(before);
    assertThat(Disk.entries(terminal.home().resolve("damaged"))).hasSize(1);
  }

  private static String model(Map<String, String> artifacts) {
    return artifacts.keySet().stream()
        .filter(f -> f.endsWith("model.safetensors"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aFullDiskLosesNothing() throws Exception {
    try (SmallDisk disk = SmallDisk.of("700k", directory.resolve("small"));
        Terminal onSmallDisk = new Terminal(disk.directory())) {
      terminal.type("server").awaitText("Temporal UI");
      Map<String, String> environment = Map.of("TEMPORAL_ADDRESS", terminal.serverAddress());
      Terminal.Command full = onSmallDisk.type(environment, "run", spec);
      assertThat(full.exitCode()).as(full.text()).isEqualTo(Main.FAILED);
      assertThat(full.text()).contains("is full", "./inkling run");

      disk.grow("200m");
      onSmallDisk.type(environment, "run", spec).mustSucceed();
      assertThat(Terminal.artifactHashes(disk.directory())).isEqualTo(uninterrupted);
    }
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 0x40;
    Files.write(file, bytes);
  }
}
