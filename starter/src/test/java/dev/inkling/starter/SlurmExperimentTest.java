package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.artifact.Disk;
import dev.inkling.provision.slurm.SlurmServer;
import dev.inkling.workflow.ClusterRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Experiments whose stages are made in jobs of a real Slurm. */
class SlurmExperimentTest extends AtATerminal {
  private static final String JOB =
      "{type: slurm, precision: float32, gpus: 0, cpus: 1, memoryGb: 1, idleMinutes: 1, maxHours: 0.2}";

  private static final String HERE = "{type: local}";

  private static final int CANCELLED = 1;
  private static final int UNTOUCHED = 2;
  private static final int KILLED = 3;
  private static final int TIME_OVER = 4;
  private static final List<Integer> SEEDS = List.of(CANCELLED, KILLED, TIME_OVER, UNTOUCHED);

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

  /**
   * Several at once: a job that is cancelled, a worker that is killed, a job whose time is nearly
   * over, and one that nothing happens to.
   */
  @Test
  void whateverEndsAJobOrItsWorkerTheExperimentGoesOnToTheSameBytes() throws Exception {
    Map<String, String> withoutMachines = withoutMachines();
    Map<String, String> environment = new HashMap<>(slurm.environment());
    environment.put("INKLING_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
    Map<Integer, Terminal.Command> runs = new TreeMap<>();
    for (int seed : SEEDS) {
      runs.put(seed, terminal.type(environment, "run", spec(seed, JOB), "--keep"));
      runs.get(seed).awaitText("Experiment ");
    }
    whenItTrains(runs.get(CANCELLED), machine -> slurm.type("scancel", "--name=" + machine));
    whenItTrains(runs.get(KILLED), machine -> worker(machine).destroyForcibly());
    // The signal that Slurm sends before the time is over; RealSlurmTest waits for Slurm's own.
    whenItTrains(
        runs.get(TIME_OVER),
        machine -> slurm.type("scancel", "--batch", "--signal=USR1", "--name=" + machine));

    goesOn(runs.get(CANCELLED), 2);
    assertThat(goesOn(runs.get(KILLED), 1)).contains("ended with exit code 137 (1 times)");
    goesOn(runs.get(TIME_OVER), 2);
    for (Terminal.Command run : runs.values()) {
      run.mustSucceed();
    }
    assertThat(logs(runs.get(KILLED))).hasSize(1);
    assertThat(logs(runs.get(TIME_OVER)).getFirst()).contains("The job ends with exit code 0");
    assertThat(CloudScene.stages(terminal.home())).isEqualTo(withoutMachines);
    assertThat(slurm.type("squeue", "--noheader")).isEmpty();
    assertThat(terminal.home().resolve("clusters")).isEmptyDirectory();
  }

  /** What is done to the machine of an experiment. */
  private interface Blow {
    void falls(String machine) throws Exception;
  }

  /** Waits until an experiment trains on its machine, and has something to go on from. */
  private void whenItTrains(Terminal.Command run, Blow blow) throws Exception {
    CloudScene.await(
        "a checkpoint of " + run.experiment(),
        () -> {
          for (Path work : Disk.entries(terminal.home().resolve("work"))) {
            Path claim = work.resolve("claim.json");
            if (Files.exists(work.resolve("checkpoint.safetensors"))
                && Files.exists(claim)
                && Files.readString(claim).contains(run.experiment())) {
              return true;
            }
          }
          return false;
        });
    blow.falls(ClusterRequest.nameOf(run.experiment()));
  }

  /** Waits until a job, of so many, goes on from a checkpoint; what it says. */
  private String goesOn(Terminal.Command run, int job) throws Exception {
    CloudScene.await(
        "job " + job + " that goes on with " + run.experiment(),
        () -> logs(run).size() >= job && logs(run).getLast().contains("went on from step "));
    return logs(run).getLast();
  }

  /** What the jobs of an experiment have said, one after the other. */
  private List<String> logs(Terminal.Command run) throws Exception {
    String begins = ClusterRequest.nameOf(run.experiment()) + ".";
    List<String> logs = new ArrayList<>();
    for (Path log : Disk.entries(terminal.home().resolve("logs"))) {
      if (log.getFileName().toString().startsWith(begins)) {
        logs.add(Files.readString(log));
      }
    }
    return logs;
  }

  /** The Java of the worker on a machine. */
  private static ProcessHandle worker(String machine) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().command().orElse("").endsWith("/java"))
        .filter(
            process ->
                Stream.of(process.info().arguments().orElse(new String[0]))
                    .anyMatch(argument -> argument.startsWith(machine + ".")))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no worker of " + machine));
  }

  private Map<String, String> withoutMachines() throws Exception {
    Path home = directory.resolve("without-machines");
    try (Terminal here = new Terminal(home)) {
      for (int seed : SEEDS) {
        here.mustSucceed("run", spec(seed, HERE), "--keep");
      }
    }
    return CloudScene.stages(home);
  }

  /** Those that something happens to train for some seconds. */
  private String spec(int seed, String compute) throws Exception {
    return Files.writeString(
            Files.createTempFile(directory, "spec", ".yaml"),
            """
            preset: promptmlp
            seeds: [%d]
            models:
              teacher: {finetune: {epochs: %d}}
            compute: %s
            """
                .formatted(seed, seed == UNTOUCHED ? 4 : 1500, compute))
        .toString();
  }
}
