package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pause, watch, resume, amend, gc: each as a command, over the real server and real training. */
class OperateExperimentsTest extends AtATerminal {
  private String spec = "";

  @BeforeEach
  void writeSpec() throws Exception {
    spec = file(SmallSpec.YAML);
  }

  @Test
  void pausedWatchedUnpausedCancelledResumedItEndsAsUninterrupted() throws Exception {
    Map<String, String> uninterrupted =
        Terminal.artifactsOf(directory.resolve("uninterrupted"), "run", spec);
    Terminal.Command run = terminal.type("run", spec);
    run.awaitText("running  Finetune        student (ghost)");
    String id = run.experiment();

    assertThat(terminal.mustSucceed("pause", id)).contains(id + " is paused");
    Terminal.Command watch = terminal.type("watch", id);
    watch.awaitText("done     Finetune        teacher");
    // While it is paused its command may end, and a week may pass.
    run.signal("INT");
    assertThat(run.exitCode()).isEqualTo(130);
    watch.signal("INT");
    assertThat(watch.exitCode()).isEqualTo(130);
    assertThat(terminal.mustSucceed("status", id)).contains("paused");

    assertThat(terminal.mustSucceed("unpause", id)).contains("inkling resume " + id);
    Terminal.Command resumed = terminal.type("resume", id);
    resumed.awaitText("done     Finetune        student (ghost)");
    assertThat(terminal.mustSucceed("cancel", id)).contains("is cancelled");
    assertThat(resumed.exitCode()).isEqualTo(1);
    assertThat(resumed.text()).contains("To go on: ./inkling resume " + id);
    assertThat(terminal.mustSucceed("status", id)).containsPattern(id + " +experiment +cancelled ");

    assertThat(terminal.mustSucceed("resume", id))
        .contains("reused   Finetune        student (ghost)");
    assertThat(Terminal.artifactHashes(terminal.home())).isEqualTo(uninterrupted);
    assertThat(terminal.mustSucceed("resume", id)).contains("Everything is there");

    Terminal.Command nobody = terminal.type("resume", "nobody");
    assertThat(nobody.exitCode()).isEqualTo(2);
    assertThat(nobody.text()).contains("There is no experiment 'nobody' here");
  }

  @Test
  void amendPaysForWhatIsNewAndGcRemovesWhatIsForgotten() throws Exception {
    Terminal.Command run = terminal.type("run", "promptmlp", "--set", "seeds=[1,2]");
    run.mustSucceed();
    String first = run.experiment();

    Terminal.Command amend = terminal.type("amend", first, "--seeds", "3,4");
    assertThat(amend.mustSucceed()).contains("Done: 10 stages made, 10 reused.");
    String second = amend.experiment();
    assertThat(second).isNotEqualTo(first);
    Terminal.Command twice = terminal.type("amend", second, "--seeds", "4");
    assertThat(twice.exitCode()).isEqualTo(2);
    assertThat(twice.text()).contains("a seed stands there twice");

    assertThat(terminal.mustSucceed("gc")).contains("0 not needed by the 2 experiments here");
    String shown = terminal.mustSucceed("gc", "--forget", second);
    assertThat(shown).contains("11 not needed by the 1 experiments here", "Nothing is removed yet");
    assertThat(terminal.mustSucceed("gc", "--forget", second, "--yes")).contains("Removed.");

    assertThat(terminal.mustSucceed("resume", first)).contains("Everything is there");
    assertThat(terminal.mustSucceed("gc")).contains("0 not needed by the 1 experiments here");
    Terminal.Command gone = terminal.type("gc", "--forget", second);
    assertThat(gone.exitCode()).isEqualTo(2);
  }
}
