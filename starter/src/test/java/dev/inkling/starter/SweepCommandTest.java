package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.preset.Resolver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A grid of experiments as somebody types it, over the real server. */
class SweepCommandTest extends AtATerminal {
  /** Three points whose students train for a few seconds each. */
  private static final String[] SWEEP = {
    "sweep",
    "promptmlp",
    "--grid",
    "seeds=[[1],[2],[3]]",
    "--set",
    "conditions.same initialisation.finetune.epochs=150",
    "--parallel",
    "2"
  };

  private static String id(Terminal.Command sweep) throws Exception {
    sweep.awaitText("Sweep promptmlp-sweep-");
    return sweep.text().replaceAll("(?s).*Sweep (promptmlp-sweep-[0-9a-f]+), .*", "$1");
  }

  @Test
  void interruptedTypedAgainCancelledAndTypedAgainItEndsAsUninterrupted() throws Exception {
    Map<String, String> uninterrupted;
    try (Terminal other = new Terminal(directory.resolve("other"))) {
      assertThat(other.mustSucceed(SWEEP)).contains("Done: 3 of 3 points.");
      uninterrupted = Terminal.artifactHashes(other.home());
    }

    Terminal.Command first = terminal.type(SWEEP);
    String id = id(first);
    terminal.awaitCheckpoint(first);
    first.signal("INT");
    assertThat(first.exitCode()).isEqualTo(130);
    assertThat(first.text())
        .contains(
            "Everything done so far is kept. To go on: ./inkling sweep promptmlp --grid"
                + " 'seeds=[[1],[2],[3]]'");
    assertThat(terminal.mustSucceed("status", id)).containsPattern(id + " +sweep +running ");

    Terminal.Command second = terminal.type(SWEEP);
    assertThat(id(second)).isEqualTo(id);
    second.awaitText(" points done, ");
    terminal.awaitCheckpoint(second);
    assertThat(terminal.mustSucceed("cancel", id))
        .contains(id + " is cancelled; everything done so far is kept.");
    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.text()).contains("The sweep was cancelled.", "To go on: ./inkling sweep");
    assertThat(terminal.mustSucceed("status"))
        .containsPattern(id + " +sweep +cancelled ")
        .containsPattern(id + "-0000\\d +experiment +cancelled ");

    assertThat(terminal.mustSucceed(SWEEP)).contains("Done: 3 of 3 points.");
    assertThat(Terminal.artifactHashes(terminal.home())).isEqualTo(uninterrupted);
    assertThat(terminal.mustSucceed(SWEEP)).contains("Everything is there: all 3 points of " + id);
  }

  @Test
  void aPointThatFailsIsNamedTheOthersGoOnAndTheSameCommandTriesItAgain() throws Exception {
    String first =
        Resolver.plan(new ObjectMapper().readTree("{\"preset\": \"promptmlp\", \"seeds\": [2]}"))
            .stages()
            .getFirst()
            .key();
    Path inTheWay = terminal.home().resolve("work").resolve(first);
    Files.createDirectories(inTheWay.getParent());
    Files.writeString(inTheWay, "a file where the stage's directory should be");
    String[] sweep = {"sweep", "promptmlp", "--grid", "seeds=[[1],[2],[3]]"};

    Terminal.Command failing = terminal.type(sweep);
    assertThat(failing.exitCode()).as(failing.text()).isEqualTo(1);
    assertThat(failing.text())
        .containsPattern("failed   point 2 \\(.*\\[2\\].*\\): The store at .* failed")
        .contains("Done: 2 of 3 points.", "To try the others again: ./inkling sweep promptmlp")
        .doesNotContain("point 1 (", "point 3 (", "at dev.inkling");

    Files.delete(inTheWay);
    Path out = directory.resolve("out");
    assertThat(
            terminal.mustSucceed(
                "sweep", "promptmlp", "--grid", "seeds=[[1],[2],[3]]", "--out", out.toString()))
        .contains("Done: 3 of 3 points.");
    // Three points with four conditions each.
    assertThat(Files.readAllLines(out.resolve("sweep.csv"))).hasSize(1 + 3 * 4);
  }
}
