package dev.inkling.provision.modal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.provision.Watched;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a function of Modal watches its workers. */
@Timeout(60)
class WatchedWorkersTest {
  /** The worker of GPU 0 stays until it is told to go; that of GPU 1 does what the test says. */
  private static final String WORKER =
      """
      #!/bin/bash
      echo "$CUDA_VISIBLE_DEVICES $INKLING_BUSY_FILE $INKLING_STOP_SECONDS" >>started
      if [ "$CUDA_VISIBLE_DEVICES" = 1 ]; then
        until [ -e stays ]; do sleep 0.05; done
        @SECOND@
      fi
      trap 'echo handed back; exit 143' TERM
      touch stays
      for _ in $(seq 300); do [ -e idle ] && exit 0; sleep 0.05; done
      """;

  /** Modal as far as the page needs it in the container, and a clock without long pauses. */
  private static final String CALL =
      """
      import sys, time, types

      class Anything:
          def __call__(self, *_, **__):
              return self

          def __getattr__(self, name):
              return lambda *_, **__: (lambda body: body) if name == "function" else self

      modal = types.ModuleType("modal")
      modal.is_local = lambda: False
      modal.App = lambda name: Anything()
      modal.Image = modal.Secret = Anything()
      sys.modules["modal"] = modal
      pause = time.sleep
      time.sleep = lambda seconds: pause(0.05)
      names = {"__name__": "page", "__file__": "worker.py"}
      exec(compile(open("worker.py").read(), "worker.py", "exec"), names)
      names["worker"]("worker --queue owls", 2)
      """;

  @TempDir private Path directory;

  private Process function(String secondWorker) throws Exception {
    try (InputStream page = ModalProvider.class.getResourceAsStream("worker.py")) {
      Files.copy(page, directory.resolve("worker.py"), StandardCopyOption.REPLACE_EXISTING);
    }
    Path java = Files.createDirectory(directory.resolve("path")).resolve("java");
    Files.writeString(java, WORKER.replace("@SECOND@", secondWorker));
    assertThat(java.toFile().setExecutable(true)).isTrue();
    ProcessBuilder builder =
        new ProcessBuilder("python3", "-c", CALL)
            .directory(directory.toFile())
            .redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH", java.getParent() + ":" + System.getenv("PATH"),
                "INKLING_ARCHIVE", "inkling.jar",
                "INKLING_GPU_LIBRARIES", "/dev/null"));
    return builder.start();
  }

  @Test
  void aWorkerThatCannotGoOnEndsTheFunctionAndTheOthersHandTheirStagesBack() throws Exception {
    Process function = function("exit 9");

    assertThat(Watched.said(function))
        .contains("GPU 1 ended with exit code 9 (4 times)", "handed back", "A worker ended with 9");
    assertThat(function.exitValue()).isNotZero();
    List<String> started = Files.readAllLines(directory.resolve("started"));
    assertThat(started).hasSize(1 + 4);
    assertThat(started)
        .extracting(line -> line.substring(2))
        .containsOnly("/tmp/inkling-busy-" + function.pid() + " 25");
  }

  @Test
  void aWorkerThatCrashesOnceIsStartedAgainAndNobodyElseHearsOfIt() throws Exception {
    Process function = function("mkdir crashed 2>/dev/null && exit 9; touch idle; exit 0");

    assertThat(Watched.said(function))
        .contains("exit code 9 (1 times)")
        .doesNotContain("handed back");
    assertThat(function.exitValue()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void aContainerThatIsTakenAwayTellsItsWorkers(String signal) throws Exception {
    Process function = function("touch both");
    while (!Files.exists(directory.resolve("both"))) {
      Thread.sleep(50);
    }
    Thread.sleep(200); // until both have said what they do when they are told
    new ProcessBuilder("kill", "-" + signal, "" + function.pid()).start().waitFor();

    assertThat(Watched.said(function).split("handed back", -1)).hasSize(3);
  }
}
