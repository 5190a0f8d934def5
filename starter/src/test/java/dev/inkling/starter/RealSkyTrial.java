package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.artifact.BucketServer;
import dev.inkling.provision.Tool;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Experiments by {@code ./inkling} on machines that the real SkyPilot makes in jobs of a real
 * Slurm, over an S3 server. By hand: {@code infra/sky/try-on-slurm.sh} prepares what it needs and
 * runs it; its name keeps it out of every build.
 */
@Timeout(1800)
@Execution(ExecutionMode.CONCURRENT)
class RealSkyTrial {
  private static final String INFRA = "slurm/inkling-try";

  /** What a machine's jobs are called, without the generation. */
  private static final String WORKER = "inkling-worker";

  /** A launch and a worker's start took three minutes where other work had the cores too. */
  private static final Duration PATIENCE = Duration.ofMinutes(12);

  @TempDir static Path directory;
  private static Path prepared;
  private static Tool sky;
  private static BucketServer bucket;
  private static Set<String> withoutMachines;

  private String id;
  private Path home;
  private Terminal terminal;
  private final List<Process> typed = new ArrayList<>();
  private long begun;

  @BeforeAll
  static void open() throws Exception {
    prepared =
        Path.of(
            Objects.requireNonNull(
                System.getenv("INKLING_TRY_SKY"), "run it by infra/sky/try-on-slurm.sh"));
    sky = new Tool(List.of(prepared.resolve("sky").toString()), Map.of());
    bucket = new BucketServer();
    RealSkyTrial here = new RealSkyTrial();
    here.begin("without-machines");
    try {
      here.succeeds(here.inkling("run", here.spec("{type: local}")));
      withoutMachines = here.stages();
    } finally {
      here.end();
    }
  }

  @AfterAll
  static void close() {
    bucket.close();
  }

  @BeforeEach
  void begin(TestInfo test) throws IOException {
    begin(test.getTestMethod().orElseThrow().getName());
  }

  private void begin(String name) throws IOException {
    id = name;
    home = directory.resolve(name);
    terminal = new Terminal(home);
    begun = System.nanoTime();
  }

  @AfterEach
  void end() throws Exception {
    typed.forEach(Process::destroyForcibly);
    terminal.close();
  }

  @Test
  void anExperimentEndsInTheSameBytesAndLeavesNothing() throws Exception {
    Terminal.Command run = inkling("run", machineSpec());
    String machine = machine(run);
    Path copy = copyOfTheLaunch(machine);
    awaitTraining(run);

    assertThat(succeeds(inkling("clusters"))).contains(machine, INFRA, "up");
    note("shown by clusters");
    askTwice(run, machine, copy);

    ends(run, machine, 1);
  }

  /** Whatever asked for the machine is killed while SkyPilot's server brings it up. */
  @Test
  void killedInTheMiddleOfALaunchTheSameCommandAdoptsTheMachine() throws Exception {
    String spec = machineSpec();
    Terminal.Command dies = inkling("run", spec);
    String machine = machine(dies);
    await("a job of Slurm", () -> jobs(machine, "all") > 0);
    List<ProcessHandle> tools =
        dies.process().descendants().filter(RealSkyTrial::launches).toList();
    assertThat(tools).as("sky launch").isNotEmpty();
    assertThat(find(machine).path("status").asText()).isEqualTo("INIT");
    dies.process().destroyForcibly().waitFor();
    tools.forEach(ProcessHandle::destroyForcibly);
    note("killed in the middle of the launch");

    Terminal.Command again = inkling("run", spec);
    awaitTraining(again);
    assertThat(queue(machine)).containsExactly(WORKER + " RUNNING");

    ends(again, machine, 1);
  }

  private static boolean launches(ProcessHandle process) {
    return List.of(process.info().arguments().orElse(new String[0])).contains("launch");
  }

  /** Somebody ends the machine by hand: the experiment goes on with the next one. */
  @Test
  void aMachineThatIsTakenDownIsReplaced() throws Exception {
    Terminal.Command run = inkling("run", machineSpec());
    String machine = machine(run);
    awaitTraining(run);

    succeeds(inkling("clusters", "down", machine));
    note("clusters down");
    assertThat(jobs(machine, "running")).isZero();

    ends(run, machine, 2);
  }

  /** Nobody is left who could end the machine, so it has to end itself. */
  @Test
  void anIdleMachineEndsByItself() throws Exception {
    Terminal.Command run = inkling("run", machineSpec());
    String machine = machine(run);
    awaitTraining(run);
    List<ProcessHandle> tools = run.process().descendants().toList();
    run.process().destroyForcibly().waitFor();
    tools.forEach(ProcessHandle::destroyForcibly);
    terminal.killServer();
    note("everything killed but the machine");

    Set<String> standings = new TreeSet<>();
    await(
        "the end of the machine",
        () -> {
          JsonNode cluster = find(machine);
          standings.add(
              cluster.path("status").asText("gone")
                  + " "
                  + (cluster.path("status").asText().equals("UP") ? queue(machine) : ""));
          return cluster.isMissingNode();
        });
    note("gone; it was " + standings);
    left(machine, 1);
  }

  // --- the experiment

  private String machineSpec() throws IOException {
    // The comment makes it an experiment of its own: Slurm remembers the jobs of former trials.
    return spec(
        "{type: sky, infra: "
            + INFRA
            + ", precision: float32, idleMinutes: 1, maxHours: 0.5, waitHours: 0.5, setup: 'true # "
            + id
            + " "
            + begun
            + "'}");
  }

  /** So long that SkyPilot can be asked things meanwhile. */
  private String spec(String compute) throws IOException {
    return Files.writeString(
            home.resolve("spec.yaml"),
            """
            preset: promptmlp
            seeds: [3]
            models:
              teacher: {finetune: {epochs: 9000}}
            compute: %s
            """
                .formatted(compute))
        .toString();
  }

  private String store() {
    return BucketServer.place(id);
  }

  /** What somebody types. */
  private Terminal.Command inkling(String... arguments) throws IOException {
    List<String> line =
        new ArrayList<>(List.of(Path.of("../inkling").toAbsolutePath().normalize().toString()));
    line.addAll(List.of(arguments));
    Path output = Files.createTempFile(home, "terminal", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.redirectInput(Path.of("/dev/null").toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("TEMPORAL_"));
    environment.putAll(bucket.environment());
    environment.put("INKLING_HOME", home.toString());
    environment.put("INKLING_STORE", store());
    environment.put("INKLING_SKY", prepared.resolve("sky").toString());
    environment.put("INKLING_CHECKPOINT_SECONDS", "1");
    environment.putAll(slurm());
    Terminal.Command command = new Terminal.Command(builder.start(), output);
    typed.add(command.process());
    return command;
  }

  private String succeeds(Terminal.Command command) throws Exception {
    assertThat(command.exitCode(PATIENCE)).as(command.text()).isZero();
    return command.text();
  }

  private String machine(Terminal.Command run) throws Exception {
    run.awaitText("Experiment ");
    return ClusterRequest.nameOf(run.experiment());
  }

  private void awaitTraining(Terminal.Command run) throws Exception {
    await(
        "a checkpoint",
        () -> {
          assertThat(run.process().isAlive()).as(run.text()).isTrue();
          return bucket.objects(store()).stream()
              .anyMatch(name -> name.endsWith("/checkpoint.safetensors"));
        });
    note("trains");
  }

  /**
   * What the stages have made. An object's name holds the hash of its bytes; a report tells of the
   * machines, so it is left out.
   */
  private Set<String> stages() {
    List<String> files =
        bucket.objects(store()).stream()
            .filter(name -> name.matches("artifacts/[^/]+/[^/]+/.+"))
            .toList();
    Set<String> reports =
        files.stream()
            .filter(name -> name.endsWith("/results.json"))
            .map(RealSkyTrial::key)
            .collect(Collectors.toSet());
    return files.stream()
        .filter(name -> !reports.contains(key(name)))
        .filter(name -> !name.endsWith("/manifest.json"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String key(String artifact) {
    return Path.of(artifact).getName(1).toString();
  }

  private void ends(Terminal.Command run, String machine, int machines) throws Exception {
    succeeds(run);
    note("ended");
    assertThat(stages()).isNotEmpty().isEqualTo(withoutMachines);
    left(machine, machines);
  }

  /** Nothing lives, and there were so many machines. */
  private void left(String machine, int machines) throws Exception {
    assertThat(find(machine).isMissingNode()).isTrue();
    await("its job's end", () -> jobs(machine, "pending,running,completing") == 0);
    assertThat(jobs(machine, "all")).isEqualTo(machines);
    try (Stream<Path> homes = Files.list(prepared.resolve("node/.sky_clusters"))) {
      assertThat(homes).noneMatch(one -> one.getFileName().toString().startsWith(machine));
    }
    if (Files.exists(home.resolve("launches"))) {
      assertThat(home.resolve("launches")).isEmptyDirectory();
    }
    note("nothing is left");
  }

  // --- a launch that is asked for twice

  /** The files of the launch, which are removed when it is over. */
  private Path copyOfTheLaunch(String machine) throws Exception {
    Path copy = Files.createDirectory(home.resolve("copy"));
    await(
        "a launch",
        () -> {
          try (Stream<Path> launches = Files.list(home.resolve("launches"))) {
            Path launch =
                launches
                    .filter(one -> one.getFileName().toString().startsWith(machine + "."))
                    .findAny()
                    .orElseThrow(() -> new NoSuchFileException("launches/" + machine));
            String task = Files.readString(launch.resolve("worker.yaml"));
            Files.writeString(
                copy.resolve("environment"), Files.readString(launch.resolve("environment")));
            Files.writeString(
                copy.resolve("worker.yaml"), task.replace(launch.toString(), copy.toString()));
            return jobs(machine, "all") > 0;
          } catch (IOException e) {
            return false; // the rehearsal's are removed before those of the launch come
          }
        });
    note("has a job of Slurm");
    return copy;
  }

  /** SkyPilot adds a job to the machine, which before Slurm waits until the worker has ended. */
  private void askTwice(Terminal.Command run, String machine, Path launch) throws Exception {
    look("launch", "-y", "-d", "--down", "-i", "1", "-c", machine, launch + "/worker.yaml");
    await("a second job", () -> queue(machine).size() == 2);
    List<String> jobs = queue(machine);
    note("asked for twice, its jobs are " + jobs);
    assertThat(run.process().isAlive()).as("trains all the while").isTrue();
    assertThat(jobs).hasSize(2).containsOnlyOnce(WORKER + " RUNNING");
  }

  // --- SkyPilot and Slurm

  private static Tool.Ended look(String... arguments) throws Exception {
    Tool.Ended ended = sky.call(PATIENCE, _ -> {}, List.of(arguments));
    assertThat(ended.code()).as(ended.text()).isZero();
    return ended;
  }

  private static JsonNode find(String machine) throws Exception {
    return look("status", "--refresh", "-o", "json", machine).json().path(0);
  }

  private static List<String> queue(String machine) throws Exception {
    List<String> jobs = new ArrayList<>();
    look("queue", machine, "-o", "json")
        .json()
        .path(machine)
        .forEach(
            job ->
                jobs.add(
                    job.path("job_name").asText().replaceFirst("-\\d+$", "")
                        + " "
                        + job.path("status").asText()));
    return jobs;
  }

  /** A machine's jobs of Slurm in some states; SkyPilot puts something behind its name. */
  private static long jobs(String machine, String states) throws Exception {
    return slurm("squeue", "--noheader", "--format=%j", "--states=" + states).output().stream()
        .filter(name -> name.startsWith(machine))
        .count();
  }

  private static Tool.Ended slurm(String... command) throws Exception {
    Tool.Ended ended =
        new Tool(List.of(command), slurm()).call(Duration.ofSeconds(30), _ -> {}, List.of());
    assertThat(ended.code()).as(ended.text()).isZero();
    return ended;
  }

  private static Map<String, String> slurm() {
    return Map.of("SLURM_CONF", prepared.resolve("slurm/slurm.conf").toString());
  }

  private static void await(String what, java.util.concurrent.Callable<Boolean> holds)
      throws Exception {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!holds.call()) {
      assertThat(System.nanoTime()).as("waited in vain for %s", what).isLessThan(until);
      Thread.sleep(500);
    }
  }

  private void note(String what) {
    System.out.printf(
        "RealSkyTrial: %s: %d s, %s%n", id, (System.nanoTime() - begun) / 1000000000, what);
  }
}
