package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.artifact.Disk;
import dev.inkling.provision.slurm.SlurmServer;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Experiments whose stages are made in jobs of a real Slurm, several at once, each of which loses
 * its worker, its job or its node in the middle of a training.
 */
class SlurmExperimentTest extends AtATerminal {
  /** While it is in INKLING_HOME, each step of a training on a node takes half a second longer. */
  private static final String SLOW = "slow";

  private static final String JOB =
      "type: slurm, precision: float32, cpus: 1, memoryGb: 1, idleMinutes: 1, maxHours: 0.5";

  private static final String ON_CORES = JOB + ", gpus: 0";

  /** Slurm gives it a GPU, which is a file here. */
  private static final String ON_THE_FRAIL_NODE_FIRST =
      JOB + ", gpus: 1, partition: either, setup: export INKLING_DEVICE=cpu";

  private SlurmServer slurm;

  @BeforeEach
  void startSlurm() throws Exception {
    slurm = new SlurmServer();
  }

  @AfterEach
  void stopSlurm() throws Exception {
    if (slurm != null) {
      slurm.stop();
    }
  }

  @Test
  void whateverEndsAWorkerAJobOrANodeTheTrainingGoesOnToTheSameBytes() throws Exception {
    Map<String, String> withoutMachines = withoutMachines();
    Path slow = Files.createFile(terminal.home().resolve(SLOW));
    Terminal.Command run =
        terminal.type(onNodes(), "run", spec("5", ON_THE_FRAIL_NODE_FIRST), "--keep");
    run.awaitText("Experiment ");
    Terminal.Command sweep =
        terminal.type(onNodes(), "sweep", spec("1", ON_CORES), "--grid", "seeds=[[1],[2],[3],[4]]");
    sweep.awaitText("Sweep ");
    String points = sweep.text().replaceAll("(?s).*Sweep ([^ ,]+), .*", "$1") + "-0000";
    Machines cancelled = new Machines(points + 1);
    Machines killed = new Machines(points + 2);
    Machines early = new Machines(points + 3);
    Machines over = new Machines(points + 4);
    Machines lost = new Machines(run.experiment());
    CloudScene.await("five trainings that have something to go on from", () -> training() == 5);

    assertThat(lost.gpus()).contains("gpu:1");
    assertThat(cancelled.gpus()).doesNotContain("gpu");

    cancelled.cancel();
    killed.worker().destroyForcibly();
    // Slurm looks twice a minute, and says USR1 to what ends within 120 s: 90, and until it looks.
    early.ends("now+110");
    over.ends("now");
    long lostJob = lost.job();
    slurm.loseNode("two", lostJob);

    killed.awaitLog(1, "(?s).*ended with exit code 137 \\(1 times\\).*went on from step .*");
    for (Machines replaced : List.of(cancelled, early, over, lost)) {
      replaced.awaitLog(2, "(?s).*went on from step .*");
    }
    assertThat(cancelled.log(1)).contains("CANCELLED").doesNotContain("TIME LIMIT");
    assertThat(early.log(1)).contains("The job ends with exit code 0").doesNotContain("CANCELLED");
    assertThat(over.log(1)).contains("DUE TO TIME LIMIT");
    CloudScene.await("a lost node", () -> state(lostJob).equals("NODE_FAIL"));
    Files.delete(slow);
    run.mustSucceed();
    sweep.mustSucceed();
    assertThat(CloudScene.stages(terminal.home())).isEqualTo(withoutMachines);
    assertThat(slurm.type("squeue", "--noheader")).isEmpty();
    assertThat(terminal.home().resolve("clusters")).isEmptyDirectory();
  }

  private Map<String, String> withoutMachines() throws Exception {
    Path home = directory.resolve("without-machines");
    try (Terminal here = new Terminal(home)) {
      here.mustSucceed("sweep", spec("1", "type: local"), "--grid", "seeds=[[1],[2],[3],[4],[5]]");
    }
    return CloudScene.stages(home);
  }

  /** Of commands whose machines take their time for each step, as long as they are to. */
  private Map<String, String> onNodes() throws Exception {
    Map<String, String> environment = new HashMap<>(slurm.environment());
    environment.put("INKLING_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -Xmx400m");
    environment.put(
        Terminal.CLASSES_FIRST,
        Mutant.of(
                directory.resolve("slow-motion"),
                Class.forName("dev.inkling.finetune.Pace"),
                "return steps;",
                """
                if (!new java.io.File(System.getenv("INKLING_HOME"), "%s").exists()) {
                  return steps;
                }
                java.util.concurrent.locks.LockSupport.parkNanos(500_000_000);
                return 1;
                """
                    .formatted(SLOW))
            .path());
    return environment;
  }

  /** In slow motion its teacher would train for longer than anything is waited for here. */
  private String spec(String seed, String compute) throws Exception {
    return Files.writeString(
            Files.createTempFile(directory, "spec", ".yaml"),
            """
            preset: promptmlp
            seeds: [%s]
            models:
              teacher: {finetune: {epochs: 300}}
            compute: {%s}
            """
                .formatted(seed, compute))
        .toString();
  }

  private long training() throws IOException {
    return Disk.entries(terminal.home().resolve("work")).stream()
        .filter(work -> Files.exists(work.resolve("checkpoint.safetensors")))
        .count();
  }

  private String state(long job) throws Exception {
    return slurm
        .type("squeue", "--noheader", "--states=all", "--jobs=" + job, "--format=%T")
        .strip();
  }

  /** Those of one experiment, one after the other. */
  private final class Machines {
    private final String name;

    Machines(String workflow) {
      name = ClusterRequest.nameOf(workflow);
    }

    long job() throws Exception {
      return Long.parseLong(
          slurm.type("squeue", "--noheader", "--name=" + name, "--format=%A").strip());
    }

    String gpus() throws Exception {
      return slurm.type("squeue", "--noheader", "--name=" + name, "--format=%b");
    }

    void cancel() throws Exception {
      slurm.type("scancel", "--name=" + name);
    }

    void ends(String time) throws Exception {
      slurm.type("scontrol", "update", "JobId=" + job(), "EndTime=" + time);
    }

    /** The Java on the node. */
    ProcessHandle worker() {
      return ProcessHandle.allProcesses()
          .filter(process -> commandLine(process).contains("\0--queue\0" + name + "."))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no worker of " + name));
    }

    /** What a job has said, the first one being number 1; empty if it is not there. */
    String log(int number) throws IOException {
      List<Path> logs = new ArrayList<>(Disk.entries(terminal.home().resolve("logs")));
      logs.removeIf(log -> !log.getFileName().toString().startsWith(name + "."));
      logs.sort(null); // generations count in as many digits
      return logs.size() < number ? "" : Files.readString(logs.get(number - 1));
    }

    void awaitLog(int number, String said) throws Exception {
      CloudScene.await(
          "job %d of %s to say %s, it says\n%s".formatted(number, name, said, log(number)),
          () -> log(number).matches(said));
    }
  }

  /** Longer than what Java tells of another process. */
  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(
          Path.of("/proc/" + process.pid() + "/cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it has just ended
    }
  }
}
