package dev.inkling.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provision.fake.FakeCloud;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A stand-in for a provider of machines, a store that they share, and a terminal with a home beside
 * them: all that stories are told of lies in one folder, so that several stand beside each other on
 * one Temporal server.
 */
final class CloudHome implements AutoCloseable {
  private final Path folder;
  private final CloudKind kind;
  private final Path archive;
  private final Path java;
  private final Terminal terminal;
  private final FakeCloud cloud;
  private final Holds holds;
  private final ObjectNode told =
      new ObjectMapper()
          .createObjectNode()
          .put("usd_per_hour", Bill.USD_PER_HOUR)
          .put("minute", 2); // of idleness, for SkyPilot

  /**
   * Sets it up; nothing runs yet.
   *
   * @param folder its name is that of the task queue, too
   * @param archive of Inkling, which is sent to machines
   * @param java their JAVA_HOME
   */
  CloudHome(Path folder, CloudKind kind, Path archive, Path java) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.kind = kind;
    this.archive = archive;
    this.java = java;
    terminal = new Terminal(folder.resolve("home"));
    cloud = kind.install(folder.resolve("cloud"));
    cloud.behave(told.toString());
    holds = new Holds(store());
    Path container = Files.createDirectories(folder.resolve("container"));
    Files.createSymbolicLink(container.resolve("djl"), Installed.here().djl());
  }

  CloudKind kind() {
    return kind;
  }

  FakeCloud cloud() {
    return cloud;
  }

  Holds holds() {
    return holds;
  }

  String queue() {
    return folder.getFileName().toString();
  }

  private Path store() {
    return folder.resolve("store");
  }

  /** What the stages have made. */
  Map<String, String> stages() throws IOException {
    return CloudScene.stages(store());
  }

  /** The environment of what runs at Modal, under a secret's name. */
  void secret(String name, String temporal) throws IOException {
    Map<String, String> values = new HashMap<>(common());
    values.put("INKLING_HOME", folder.resolve("container").toString());
    values.put("INKLING_CHECKPOINT_SECONDS", "0.2");
    values.put("TEMPORAL_ADDRESS", temporal);
    values.put("INKLING_DEVICE", "cpu"); // there is none of the GPU that its price is for
    cloud.secret(name, values);
  }

  private Map<String, String> common() {
    return Map.of(
        "INKLING_STORE", store().toString(), "INKLING_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
  }

  /** A command that runs from the archive, as ./inkling does. */
  Terminal.Command type(Map<String, String> more, String... arguments) throws IOException {
    Map<String, String> environment = new HashMap<>(cloud.environment());
    environment.putAll(kind.environment(cloud));
    environment.putAll(common());
    environment.put("JAVA_HOME", java.toString());
    environment.putAll(more);
    return terminal.java(
        environment, FromArchive.options(archive), FromArchive.class.getName(), arguments);
  }

  /** What the cloud does from now on with machines of one kind. */
  synchronized void wish(String what, String accelerators, boolean held) throws IOException {
    told.withObject("/" + what).put(accelerators, held);
    cloud.behave(told.toString());
  }

  /** What the cloud does from now on. */
  synchronized void wish(String what, double value) throws IOException {
    told.put(what, value);
    cloud.behave(told.toString());
  }

  /** Whether a stage that trains has kept something. */
  boolean hasCheckpoint() throws IOException {
    Path work = store().resolve("work");
    if (!Files.isDirectory(work)) {
      return false;
    }
    try (Stream<Path> below = Files.list(work)) {
      return below.anyMatch(one -> Files.exists(one.resolve("checkpoint.safetensors")));
    }
  }

  /** Whether the log of a machine has these words; of Modal's, any of them. */
  boolean said(String machine, String words) throws IOException {
    Path sky = cloud.home().resolve("nodes").resolve(machine).resolve("run-1.log");
    if (Files.exists(sky)) {
      return Files.readString(sky).contains(words);
    }
    try (Stream<Path> logs = Files.list(cloud.home().resolve("logs"))) {
      for (Path log : logs.toList()) {
        if (Files.readString(log).contains(words)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether Modal is at work on a machine that it does not list yet. */
  boolean launches(String machine) {
    return processes().stream()
        .map(CloudHome::words)
        .anyMatch(words -> words.contains("_serve") && words.toString().contains(machine));
  }

  /** What a process was started with; Java itself tells no more than 4096 characters. */
  static List<String> words(ProcessHandle process) {
    return List.of(proc(process, "cmdline").split("\0"));
  }

  private static String proc(ProcessHandle process, String file) {
    try {
      return Files.readString(
          Path.of("/proc/" + process.pid() + "/" + file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // another user's, or it has just ended
    }
  }

  /** Whatever was started for these stories: the folder stands in its environment. */
  List<ProcessHandle> processes() {
    return ProcessHandle.allProcesses().filter(this::ours).toList();
  }

  private boolean ours(ProcessHandle process) {
    return proc(process, "environ").contains(folder + "/");
  }

  /** Kills a command and the tools that it has called. */
  static void kill(Terminal.Command command) throws InterruptedException {
    List<ProcessHandle> tools = command.process().descendants().toList();
    command.process().destroyForcibly().waitFor();
    tools.forEach(ProcessHandle::destroyForcibly);
  }

  /** Ends what was typed. */
  void stopCommands() throws IOException {
    terminal.close();
  }

  /** Ends what is left, in whatever way the story ended. */
  @Override
  public void close() throws IOException {
    holds.close();
    processes().forEach(ProcessHandle::destroyForcibly);
    // JUnit warns of links that lead out of what it removes.
    Files.delete(folder.resolve("container/djl"));
  }
}
