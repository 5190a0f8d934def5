package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pause, watch, resume, amend, gc: each as a command, over the real server and real training. */
@Timeout(400)
class OperateExperimentsTest {
  private static final Duration LONG = Duration.ofMinutes(2);

  @TempDir Path directory;
  private Terminal terminal;
  private Path spec;

  @BeforeEach
  void open() throws Exception {
    terminal = new Terminal(Files.createDirectories(directory.resolve("home")));
    spec = Files.writeString(directory.resolve("spec.yaml"), SmallSpec.YAML);
  }

  @AfterEach
  void close() throws Exception {
    terminal.close();
  }

  @Test
  void pausedWatchedUnpausedCancelledResumedItEndsAsUninterrupted() throws Exception {
    Map<String, String> uninterrupted;
    try (Terminal other = new Terminal(Files.createDirectories(directory.resolve("other")))) {
      other.mustSucceed("run", spec.toString());
      uninterrupted = Terminal.artifactHashes(other.home());
    }
    Terminal.Command run = terminal.type("run", spec.toString());
    run.awaitText("running  Finetune        student (ghost)", LONG);
    String id = run.experiment();

    assertThat(terminal.mustSucceed("pause", id)).contains(id + " is paused");
    Terminal.Command watch = terminal.type("watch", id);
    watch.awaitText("done     Finetune        teacher", LONG);
    // While it is paused its command may end, and a week may pass.
    run.signal("INT");
    assertThat(run.exitCode(LONG)).isEqualTo(130);
    watch.signal("INT");
    assertThat(watch.exitCode(LONG)).isEqualTo(130);
    assertThat(terminal.mustSucceed("status", id)).contains("paused");

    assertThat(terminal.mustSucceed("unpause", id)).contains("inkling resume " + id);
    Terminal.Command resumed = terminal.type("resume", id);
    resumed.awaitText("done     Finetune        student (ghost)", LONG);
    assertThat(terminal.mustSucceed("cancel", id)).contains("is cancelled");
    assertThat(resumed.exitCode(LONG)).isEqualTo(1);
    assertThat(resumed.text()).contains("To go on: ./inkling resume " + id);
    assertThat(terminal.mustSucceed("status", id)).containsPattern(id + " +experiment +cancelled ");

    assertThat(terminal.mustSucceed("resume", id))
        .contains("reused   Finetune        student (ghost)");
    assertThat(Terminal.artifactHashes(terminal.home())).isEqualTo(uninterrupted);
    assertThat(terminal.mustSucceed("resume", id)).contains("Everything is there");

    Terminal.Command nobody = terminal.type("resume", "nobody");
    assertThat(nobody.exitCode(LONG)).isEqualTo(2);
    assertThat(nobody.text()).contains("There is no experiment 'nobody' here");
  }

  @Test
  void amendPaysForWhatIsNewAndGcRemovesWhatIsForgotten() throws Exception {
    Terminal.Command run = terminal.type("run", "promptmlp", "--set", "seeds=[1,2]");
    assertThat(run.exitCode(LONG)).as(run.text()).isZero();
    String first = run.experiment();

    Terminal.Command amend = terminal.type("amend", first, "--seeds", "3,4");
    assertThat(amend.exitCode(LONG)).as(amend.text()).isZero();
    assertThat(amend.text()).contains("Done: 10 stages made, 10 reused.");
    String second = amend.experiment();
    assertThat(second).isNotEqualTo(first);
    Terminal.Command twice = terminal.type("amend", second, "--seeds", "4");
    assertThat(twice.exitCode(LONG)).isEqualTo(2);
    assertThat(twice.text()).contains("a seed stands there twice");

    assertThat(terminal.mustSucceed("gc")).contains("0 not needed by the 2 experiments here");
    String shown = terminal.mustSucceed("gc", "--forget", second);
    assertThat(shown).contains("11 not needed by the 1 experiments here", "Nothing is removed yet");
    assertThat(terminal.mustSucceed("gc", "--forget", second, "--yes")).contains("Removed.");

    assertThat(terminal.mustSucceed("resume", first)).contains("Everything is there");
    assertThat(terminal.mustSucceed("gc")).contains("0 not needed by the 1 experiments here");
    Terminal.Command gone = terminal.type("gc", "--forget", second);
    assertThat(gone.exitCode(LONG)).isEqualTo(2);
  }
}
