package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** New code in the middle of a run: the experiment stays with the build that it began on. */
class DeploymentTest extends AtATerminal {
  @Test
  void anExperimentStaysWithItsBuildAndNewOnesGoToTheCurrentOne() throws Exception {
    String spec = file(SmallSpec.ONE_STUDENT);
    Terminal.Command one = worker(terminal, "one");
    makeCurrent(terminal, "one");
    Terminal.Command run = terminal.type("run", spec, "--no-worker");
    one.awaitText("'student (ghost)'");
    one.signal("TERM");
    assertThat(one.exitCode(Duration.ofSeconds(20))).isEqualTo(143);

    Terminal.Command two = worker(terminal, "two");
    makeCurrent(terminal, "two");
    terminal.mustSucceed("run", "promptmlp", "--set", "seeds=[1,2]", "--no-worker");
    assertThat(run.process().isAlive()).as(run.text()).isTrue();
    assertThat(two.text()).doesNotContain("'student (ghost)'");

    Terminal.Command oneAgain = worker(terminal, "one");
    run.mustSucceed();
    assertThat(oneAgain.text()).contains("'student (ghost)'");
  }

  private static Terminal.Command worker(Terminal terminal, String build) throws Exception {
    Terminal.Command worker =
        terminal.type("worker", "--deployment", "inkling", "--build-id", build);
    worker.awaitText("Worker on");
    return worker;
  }

  /** Temporal hears of a build a moment after its worker has begun to poll. */
  private static void makeCurrent(Terminal terminal, String build)
      throws IOException, InterruptedException {
    List<String> command =
        List.of(
            terminal.home().resolve("bin/temporal").toString(),
            "worker",
            "deployment",
            "set-current-version",
            "--address",
            terminal.serverAddress(),
            "--deployment-name",
            "inkling",
            "--build-id",
            build,
            "--yes");
    for (int i = 0; i < 40; i++) {
      Process process = new ProcessBuilder(command).inheritIO().start();
      if (process.waitFor() == 0) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(500);
    }
    throw new AssertionError("the build " + build + " did not become the current one");
  }
}
