package dev.inkling.provision.sky;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.inkling.provision.Watched;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a machine of SkyPilot watches its workers. */
@Timeout(60)
class WatchedWorkersTest {
  /** The worker of GPU 0 stays until it is told to go; that of GPU 1 does what the test says. */
  private static final String WORKER =
      """
      #!/bin/bash
      echo "$CUDA_VISIBLE_DEVICES $INKLING_BUSY_FILE $INKLING_STOP_SECONDS" >>"$HOME/started"
      if [ "$CUDA_VISIBLE_DEVICES" = 1 ]; then
        until [ -e "$HOME/stays" ]; do /bin/sleep 0.05; done
        @SECOND@
      fi
      trap 'echo handed back; exit 143' TERM
      touch "$HOME/stays"
      for _ in $(seq 300); do [ -e "$HOME/idle" ] && exit 0; /bin/sleep 0.05; done
      """;

  private static final String FOLDER = ".inkling/owls.1";

  @TempDir private Path home;

  @BeforeEach
  void shortenPauses() throws Exception {
    executable(Files.createDirectory(home.resolve("path")).resolve("sleep"), "/bin/sleep 0.05\n");
  }

  private static void executable(Path file, String text) throws Exception {
    Files.writeString(file, text.startsWith("#!") ? text : "#!/bin/sh\n" + text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private Process machine(String secondWorker) throws Exception {
    Path folder = Files.createDirectories(home.resolve(FOLDER));
    Files.writeString(folder.resolve("environment"), "");
    executable(folder.resolve("java"), WORKER.replace("@SECOND@", secondWorker));
    String run;
    try (InputStream page = SkyTask.class.getResourceAsStream("worker.yaml")) {
      run = new ObjectMapper(new YAMLFactory()).readTree(page).path("run").asText();
    }
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", run).redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "HOME",
                home.toString(),
                "PATH",
                home.resolve("path") + ":" + System.getenv("PATH"),
                "INKLING_DIRECTORY",
                FOLDER,
                "INKLING_GPUS",
                "2",
                "INKLING_SECONDS",
                "100",
                "INKLING_END",
                Long.toString(System.currentTimeMillis() / 1000 + 100),
                "INKLING_WORKER",
                "worker"));
    return builder.start();
  }

  @Test
  void aWorkerThatCannotGoOnEndsTheMachineAndTheOthersHandTheirStagesBack() throws Exception {
    Process machine = machine("exit 9");

    assertThat(Watched.said(machine))
        .contains("GPU 1 ended with exit code 9 (4 times)", "handed back");
    assertThat(machine.exitValue()).isEqualTo(9);
    List<String> started = Files.readAllLines(home.resolve("started"));
    assertThat(started).hasSize(1 + 4);
    assertThat(started)
        .extracting(line -> line.substring(2))
        .containsOnly(home.resolve(FOLDER) + "/busy 50");
  }

  @Test
  void aWorkerThatCrashesOnceIsStartedAgainAndNobodyElseHearsOfIt() throws Exception {
    Process machine =
        machine("mkdir \"$HOME/crashed\" 2>/dev/null && exit 9; touch \"$HOME/idle\"; exit 0");

    assertThat(Watched.said(machine))
        .contains("exit code 9 (1 times)")
        .doesNotContain("handed back");
    assertThat(machine.exitValue()).isZero();
    assertThat(home.resolve(FOLDER)).doesNotExist();
  }

  @Test
  void aWorkerThatCanNeverWorkIsNotStartedAgain() throws Exception {
    Process machine = machine("exit 3");

    assertThat(Watched.said(machine)).contains("exit code 3 (1 times)", "handed back");
    assertThat(machine.exitValue()).isEqualTo(3);
  }
}
