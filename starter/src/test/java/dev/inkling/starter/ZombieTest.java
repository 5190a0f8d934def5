package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.artifact.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A worker that sleeps while another one takes over, and wakes up; docs/design/crashes.md. */
class ZombieTest extends AtATerminal {
  private String spec = "";

  @BeforeEach
  void writeSpec() throws IOException {
    spec = file(SmallSpec.ONE_STUDENT);
  }

  @Test
  void aWorkerThatSleptPastItsHeartbeatCanNeitherKeepNorPublish() throws Exception {
    Map<String, String> uninterrupted =
        Terminal.artifactsOf(directory.resolve("uninterrupted"), "run", spec);
    Terminal.Command run = terminal.type("run", spec, "--no-worker");
    run.awaitText("Temporal UI");
    Terminal.Command zombie = terminal.type("worker");
    terminal.awaitCheckpoint("student (ghost)", zombie);
    zombie.signal("STOP");

    Terminal.Command successor = terminal.type("worker");
    run.mustSucceed();
    Map<String, String> published = Terminal.artifactHashes(terminal.home());
    zombie.signal("CONT");
    zombie.awaitText("stops", Duration.ofSeconds(20));
    TimeUnit.SECONDS.sleep(2);

    assertThat(published).isEqualTo(uninterrupted);
    assertThat(Terminal.artifactHashes(terminal.home())).isEqualTo(uninterrupted);
    assertThat(Disk.entries(terminal.home().resolve("work"))).isEmpty();
    assertThat(zombie.process().isAlive()).isTrue();
    zombie.signal("TERM");
    successor.signal("TERM");
    assertThat(zombie.exitCode(Duration.ofSeconds(10))).isEqualTo(143);
    assertThat(successor.exitCode(Duration.ofSeconds(10))).isEqualTo(143);
  }

  @Test
  void withoutTheFencingTokenAZombieWouldBeNoticed() throws Exception {
    assertThat(zombieScenario("")).isZero();
    String mutant =
        Mutant.of(
                directory.resolve("mutant-token"),
                Class.forName("dev.inkling.artifact.Claim"),
                "if (entry.isEmpty() || !entry.get().token().equals(token)) {",
                "if (entry.isEmpty()) {")
            .path();
    assertThat(zombieScenario(mutant)).isEqualTo(1);
  }

  private int zombieScenario(String classesFirst) throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                classesFirst + Terminal.classPath(),
                ZombieScenario.class.getName(),
                Files.createTempDirectory(directory, "zombie").toString())
            .inheritIO()
            .start();
    return process.waitFor();
  }
}
