package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provision.fake.FakeCloud;
import dev.inkling.worker.Connection;
import dev.inkling.workflow.ClusterRequest;
import dev.inkling.workflow.Experiment;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One experiment on machines of a stand-in for SkyPilot. It has a home, a store that its machines
 * share, a cloud and a task queue of its own, so that several stand beside each other on one
 * Temporal server.
 */
final class CloudScene implements AutoCloseable {
  /** How long a machine may be idle, by the spec. */
  static final Duration IDLE = Duration.ofMinutes(1);

  private static final double USD_PER_HOUR = 3600; // a dollar a second: a bill is read as a time

  private final String id;
  private final Path folder;
  private final Connection connection;
  private final Path archive;
  private final Terminal terminal;
  private final FakeCloud cloud;
  private final JsonNode spec;
  private final String machine;

  /**
   * Sets it up; nothing runs yet.
   *
   * @param archive of Inkling, which is sent to machines
   * @param spec what is done, without the machines
   */
  CloudScene(Path folder, String id, Connection connection, Path archive, String spec)
      throws Exception {
    this.id = id;
    this.folder = Files.createDirectories(folder.resolve(id));
    this.connection = connection;
    this.archive = archive;
    terminal = new Terminal(this.folder.resolve("home"));
    cloud = FakeCloud.sky(this.folder.resolve("cloud"));
    behave("{}");
    // What a worker would unpack on each machine is there, and it is told to compute without the
    // GPU that its price is for. The comment makes it an experiment of its own.
    String compute =
        """
        {"type": "sky", "precision": "float32", "accelerators": "H100:1", "idleMinutes": %d,
         "maxHours": 0.3, "maxUsd": 1000000,
         "setup": "mkdir -p ~/.inkling && ln -sfn '%s' ~/.inkling/djl && echo INKLING_DEVICE=cpu >>~/$INKLING_DIRECTORY/environment # %s"}"""
            .formatted(IDLE.toMinutes(), Installed.here().djl(), id);
    this.spec = object(spec).set("compute", object(compute));
    machine = ClusterRequest.nameOf(id);
  }

  String machine() {
    return machine;
  }

  FakeCloud cloud() {
    return cloud;
  }

  private Path store() {
    return folder.resolve("store");
  }

  /** What the stages have made. */
  Map<String, String> stages() throws IOException {
    return stages(store());
  }

  /** The hashes of what stages have made; a report tells of the machines, so it is left out. */
  static Map<String, String> stages(Path store) throws IOException {
    Map<String, String> made = Terminal.artifactHashes(store);
    made.keySet()
        .removeIf(
            file -> {
              Path artifact = Path.of(file).getName(0);
              return Files.exists(
                  store.resolve("artifacts").resolve(artifact).resolve("results.json"));
            });
    return made;
  }

  /** Starts the experiment, or the same one again. */
  WorkflowStub start() {
    WorkflowStub workflow =
        connection
            .client()
            .newUntypedWorkflowStub(
                Experiment.TYPE,
                WorkflowOptions.newBuilder().setWorkflowId(id).setTaskQueue(id).build());
    workflow.start(spec);
    return workflow;
  }

  /** An ordinary worker, which asks for machines and gives them back. */
  Terminal.Command worker(Map<String, String> more) throws IOException {
    return worker(id, more);
  }

  Terminal.Command worker(String queue, Map<String, String> more) throws IOException {
    return type(more, "worker", "--queue", queue);
  }

  /** A command that runs from the archive, as ./inkling does. */
  Terminal.Command type(Map<String, String> more, String... arguments) throws IOException {
    Map<String, String> environment = new HashMap<>(cloud.environment());
    environment.put("INKLING_SKY", cloud.program().toString());
    environment.put("INKLING_STORE", store().toString());
    environment.put("INKLING_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
    environment.put("TEMPORAL_ADDRESS", connection.address());
    environment.putAll(more);
    return terminal.java(
        environment,
        List.of("-cp", archive.toString()),
        dev.inkling.starter.Main.class.getName(),
        arguments);
  }

  /** What the cloud does from now on; a minute of idleness, for it, is two seconds. */
  void behave(String json) throws IOException {
    cloud.behave(object(json).put("usd_per_hour", USD_PER_HOUR).put("minute", 2).toString());
  }

  private static ObjectNode object(String json) throws IOException {
    return (ObjectNode) new ObjectMapper().readTree(json);
  }

  /** Waits until a machine trains, and has something that the next one can go on from. */
  void awaitTraining() throws Exception {
    await("a checkpoint", () -> has("work", "checkpoint.safetensors"));
  }

  /** Waits until a worker on some machine goes on from what another one has kept. */
  void awaitGoingOn() throws Exception {
    awaitSaid("went on from step ");
  }

  /** Waits for words in the log of the machine that has the name now. */
  void awaitSaid(String words) throws Exception {
    Path log = cloud.home().resolve("nodes").resolve(machine).resolve("run-1.log");
    await("'" + words + "'", () -> Files.exists(log) && Files.readString(log).contains(words));
  }

  void awaitEvent(String event, int times) throws Exception {
    cloud.await(event, times, Terminal.LONG);
  }

  /** The Java of the worker on the first, the second, ... machine. */
  ProcessHandle node(int number) throws IOException {
    String generation =
        cloud.ledger().stream()
            .filter(event -> event.path("event").asText().equals("launched"))
            .skip(number - 1)
            .map(event -> event.at("/resources/labels/generation").asText())
            .findFirst()
            .orElseThrow(() -> new AssertionError("no machine number " + number));
    return ProcessHandle.allProcesses()
        .filter(p -> p.info().command().orElse("").endsWith("/java"))
        .filter(
            p ->
                List.of(p.info().arguments().orElse(new String[0]))
                    .contains(machine + "." + generation))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no worker of generation " + generation));
  }

  static void signal(ProcessHandle process, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
  }

  /**
   * So many machines were made, they have ended, nothing of them runs, and they have cost what they
   * were needed for and one idle limit at most.
   *
   * @param needed when nobody needed them any more
   */
  void endsWith(int machines, Instant needed) throws Exception {
    terminal.close();
    assertThat(cloud.launches()).as("machines: %s", cloud.ledger()).isEqualTo(machines);
    assertThat(overdue(needed)).as("%s", cloud.ledger()).isEmpty();
    await("no process of " + folder, () -> processes().isEmpty());
  }

  /** What lives, or has cost more than the time until {@code needed} and one idle limit. */
  List<String> overdue(Instant needed) throws Exception {
    JsonNode living =
        cloud
            .tool()
            .call(Duration.ofMinutes(1), _ -> {}, List.of("status", "--refresh", "-o", "json"))
            .json();
    if (!living.isEmpty()) {
      return List.of("lives: " + living);
    }
    List<JsonNode> ledger = cloud.ledger();
    double bill = ledger.stream().mapToDouble(event -> event.path("usd").asDouble()).sum();
    double first = ledger.getFirst().path("at").asDouble();
    double most = (needed.toEpochMilli() / 1000.0 - first + IDLE.toSeconds()) * USD_PER_HOUR / 3600;
    return bill <= most ? List.of() : List.of("$%.2f, at most $%.2f".formatted(bill, most));
  }

  /** When a workflow had ended. */
  static Instant ended(WorkflowStub workflow) {
    return workflow.describe().getCloseTime();
  }

  /** Whatever was started for this scene: its folder stands in the environment. */
  private List<ProcessHandle> processes() {
    return ProcessHandle.allProcesses().filter(this::ours).toList();
  }

  private boolean ours(ProcessHandle process) {
    try {
      return Files.readString(
              Path.of("/proc/" + process.pid() + "/environ"), StandardCharsets.ISO_8859_1)
          .contains(folder + "/");
    } catch (IOException e) {
      return false; // another user's, or it has just ended
    }
  }

  private boolean has(String directory, String file) throws IOException {
    Path root = store().resolve(directory);
    if (!Files.isDirectory(root)) {
      return false;
    }
    try (Stream<Path> below = Files.list(root)) {
      return below.anyMatch(one -> Files.exists(one.resolve(file)));
    }
  }

  static void await(String what, Callable<Boolean> holds) throws Exception {
    long end = System.nanoTime() + Terminal.LONG.toNanos();
    while (!holds.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain for " + what);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** Ends what is left, in whatever way the story ended. */
  @Override
  public void close() throws IOException {
    processes().forEach(ProcessHandle::destroyForcibly);
  }
}
