package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The embedded server or its command killed, each without the other; docs/design/crashes.md. */
@Tag("alone")
class ServerCrashTest extends AtATerminal {
  private String spec = "";

  @BeforeEach
  void writeSpec() throws IOException {
    spec = file(SmallSpec.ONE_STUDENT);
  }

  @Test
  void whenOnlyTheServerIsKilledTheNextCommandBringsItBackAndTheRunGoesOn() throws Exception {
    Map<String, String> uninterrupted =
        Terminal.artifactsOf(directory.resolve("uninterrupted"), "run", spec);
    Terminal.Command run = terminal.type("run", spec);
    run.awaitText("running  Finetune        student (ghost)");

    terminal.killServer();
    assertThat(terminal.mustSucceed("status")).contains("drain-");

    run.mustSucceed();
    assertThat(Terminal.artifactHashes(terminal.home())).isEqualTo(uninterrupted);
  }

  @Test
  void aServerThatNobodyWroteDownIsFoundAndEnded() throws Exception {
    Terminal.Command run = terminal.type("run", spec);
    run.awaitText("running  Finetune");
    run.process().destroyForcibly().waitFor();
    Path written = terminal.home().resolve("temporal/server.json");
    ProcessHandle unknown = terminal.server().orElseThrow();
    Files.delete(written);

    terminal.mustSucceed("run", spec);

    assertThat(unknown.isAlive()).isFalse();
  }

  @Test
  void homesThatStartTheirServersAtOnceDoNotShareOne() throws Exception {
    try (Terminal a = new Terminal(directory.resolve("a"));
        Terminal b = new Terminal(directory.resolve("b"))) {
      Terminal.Command first = a.type("server");
      Terminal.Command second = b.type("server");
      first.awaitText("Temporal UI");
      second.awaitText("Temporal UI");

      assertThat(a.serverAddress()).isNotEqualTo(b.serverAddress());
      assertThat(a.server().orElseThrow().isAlive()).isTrue();
      assertThat(b.server().orElseThrow().isAlive()).isTrue();
    }
  }

  @Test
  void aServerWhoseCommandWasKilledAtItsVeryEndIsNotLeftBehind() throws Exception {
    terminal.mustSucceed("run", "promptmlp", "--set", "seeds=[1]");
    Terminal.Command killed =
        terminal.type("run", "promptmlp", "--set", "seeds=[2]", "--no-worker");
    killed.awaitText("Temporal UI");
    killed.process().destroyForcibly().waitFor();
    assertThat(terminal.server()).isPresent();

    assertThat(terminal.mustSucceed("run", "promptmlp", "--set", "seeds=[1]"))
        .contains("Everything is there");
    terminal.awaitServerEnd();
  }
}
