package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.provision.slurm.SlurmServer;
import dev.inkling.workflow.ClusterRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Experiments whose stages are made in jobs of a real Slurm. */
class SlurmExperimentTest extends AtATerminal {
  private static final String JOB =
      "{type: slurm, precision: float32, gpus: 0, cpus: 1, memoryGb: 1, idleMinutes: 1, maxHours: 0.2}";

  private static final String HERE = "{type: local}";

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
  void aJobThatIsCancelledIsReplacedAndTwoExperimentsRunAtOnce() throws Exception {
    Map<String, String> withoutMachines = withoutMachines();
    Map<String, String> environment = new HashMap<>(slurm.environment());
    environment.put("INKLING_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
    Terminal.Command first = terminal.type(environment, "run", spec(1, JOB), "--keep");
    terminal.awaitCheckpoint(first);
    String machine = ClusterRequest.nameOf(first.experiment());
    Terminal.Command second = terminal.type(environment, "run", spec(2, JOB), "--keep");

    slurm.type("scancel", "--name=" + machine);

    CloudScene.await(
        "a second job that goes on",
        () ->
            logs(machine).size() == 2
                && Files.readString(logs(machine).getLast()).contains("went on from step "));
    first.mustSucceed();
    second.mustSucceed();
    assertThat(CloudScene.stages(terminal.home())).isEqualTo(withoutMachines);
    assertThat(slurm.type("squeue", "--noheader")).isEmpty();
    assertThat(terminal.home().resolve("clusters")).isEmptyDirectory();
  }

  /** What its jobs said, in their order. */
  private List<Path> logs(String machine) throws Exception {
    try (Stream<Path> all = Files.list(terminal.home().resolve("logs"))) {
      return all.filter(log -> log.getFileName().toString().startsWith(machine + "."))
          .sorted()
          .toList();
    }
  }

  private Map<String, String> withoutMachines() throws Exception {
    Path home = directory.resolve("without-machines");
    try (Terminal here = new Terminal(home)) {
      here.mustSucceed("run", spec(1, HERE), "--keep");
      here.mustSucceed("run", spec(2, HERE));
    }
    return CloudScene.stages(home);
  }

  /** The first one trains for some seconds. */
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
                .formatted(seed, seed == 1 ? 1500 : 4, compute))
        .toString();
  }
}
