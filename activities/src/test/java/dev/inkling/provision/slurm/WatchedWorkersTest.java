package dev.inkling.provision.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.provision.Watched;
import dev.inkling.workflow.ClusterRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How the script of a job watches its workers, without Slurm and without its pauses. */
@Timeout(60)
class WatchedWorkersTest {
  /** The worker of GPU 0 stays until it is told to go; that of GPU 1 does what the test says. */
  private static final String WORKER =
      """
      echo "$CUDA_VISIBLE_DEVICES $INKLING_BUSY_FILE $INKLING_STOP_SECONDS" >>started
      if [ "$CUDA_VISIBLE_DEVICES" = 1 ]; then
        until [ -e stays ]; do /bin/sleep 0.05; done
        @SECOND@
      fi
      trap 'echo handed back; exit 143' TERM
      touch stays
      for _ in $(seq 300); do [ -e idle ] && exit 0; /bin/sleep 0.05; done
      """;

  @TempDir private Path directory;

  @BeforeEach
  void leaveOutPauses() throws Exception {
    Path sleep = Files.writeString(Files.createDirectory(path()).resolve("sleep"), "#!/bin/sh\n");
    assertThat(sleep.toFile().setExecutable(true)).isTrue();
  }

  private Path path() {
    return directory.resolve("path");
  }

  private Process job(String secondWorker) throws Exception {
    Path worker =
        Files.writeString(directory.resolve("worker"), WORKER.replace("@SECOND@", secondWorker));
    ClusterRequest request =
        Requests.small().gpus(2).setup("PATH=" + path() + ":$PATH").of("watched", 1);
    ClusterFiles files = new ClusterFiles(directory);
    files.write(
        request.name(),
        1,
        "export INKLING_DEVICE=cpu\n",
        Submission.of(request, files, List.of("bash", worker.toString()), "ada").script());
    ProcessBuilder builder =
        new ProcessBuilder("bash", files.script(request.name(), 1).toString())
            .directory(directory.toFile())
            .redirectErrorStream(true);
    builder.environment().put("SLURM_JOB_ID", "1");
    builder.environment().remove("CUDA_VISIBLE_DEVICES");
    return builder.start();
  }

  @Test
  void aWorkerThatCannotGoOnEndsTheJobAndTheOthersHandTheirStagesBack() throws Exception {
    Process job = job("exit 9");

    assertThat(Watched.said(job)).contains("exit code 9 (4 times)", "handed back");
    assertThat(job.exitValue()).isNotZero(); // bash may lose the 9 while it passes the signal on
    List<String> started = Files.readAllLines(directory.resolve("started"));
    assertThat(started).hasSize(1 + 4);
    assertThat(started)
        .extracting(line -> line.substring(2))
        .containsOnly(started.get(0).substring(2));
    Path busy = Path.of(started.getFirst().split(" ", -1)[1]);
    assertThat(busy).isAbsolute().doesNotExist();
    assertThat(started.getFirst()).endsWith(" 80");
  }

  @Test
  void aWorkerThatCrashesOnceIsStartedAgainAndNobodyElseHearsOfIt() throws Exception {
    Process job = job("mkdir crashed 2>/dev/null && exit 9; touch idle; exit 0");

    assertThat(Watched.said(job)).contains("exit code 9 (1 times)").doesNotContain("handed back");
    assertThat(job.exitValue()).isZero();
  }
}
