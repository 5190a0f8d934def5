package dev.inkling.starter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Somebody at a terminal: the command line in processes of its own, over one INKLING_HOME. */
final class Terminal implements AutoCloseable {
  /** No command takes half a minute; but other classes share the cores, and so may other work. */
  static final Duration LONG = Duration.ofMinutes(6);

  /**
   * In a command's environment: a directory of classes, and a colon, that come before all others.
   */
  static final String CLASSES_FIRST = "CLASSES_FIRST";

  private final Path home;
  private final List<Command> commands = Collections.synchronizedList(new ArrayList<>());

  /** Makes the home, with what would have to be installed there. */
  Terminal(Path home) throws IOException {
    this.home = home;
    Installed installed = Installed.here();
    Files.createDirectories(home.resolve("bin"));
    Files.createSymbolicLink(home.resolve("bin/temporal"), installed.temporal());
    Files.createSymbolicLink(home.resolve("djl"), installed.djl());
  }

  /** A command under way. */
  record Command(Process process, Path output) {
    String text() throws IOException {
      return Files.readString(output);
    }

    int exitCode() throws InterruptedException, IOException {
      return exitCode(LONG);
    }

    int exitCode(Duration limit) throws InterruptedException, IOException {
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("still running after " + limit + ":\n" + text());
      }
      return process.exitValue();
    }

    /** It must end, and succeed; its output. */
    String mustSucceed() throws InterruptedException, IOException {
      int code = exitCode();
      if (code != 0) {
        throw new AssertionError("exit code " + code + ":\n" + text());
      }
      return text();
    }

    /** Waits until the output holds a text. */
    void awaitText(String wanted) throws InterruptedException, IOException {
      awaitText(wanted, LONG);
    }

    void awaitText(String wanted, Duration limit) throws InterruptedException, IOException {
      long end = System.nanoTime() + limit.toNanos();
      while (!text().contains(wanted)) {
        if (System.nanoTime() > end || (!process.isAlive() && !text().contains(wanted))) {
          throw new AssertionError("no '" + wanted + "' in:\n" + text());
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }

    /** Where a worker with a port for its metrics answers, as a URL without a path. */
    String address() throws InterruptedException, IOException {
      awaitText("/health");
      return text().replaceAll("(?s).*Metrics: (http://[^/]*)/metrics, health: .*", "$1");
    }

    /** The experiment that it has told of. */
    String experiment() throws IOException {
      String all = text();
      return all.lines()
          .filter(l -> l.startsWith("Experiment "))
          .findFirst()
          .orElseThrow(() -> new AssertionError(all))
          .replaceAll("Experiment ([^:]+):.*", "$1");
    }

    void signal(String name) throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    }
  }

  Command type(String... arguments) throws IOException {
    return type(Map.of(), arguments);
  }

  /** A command with something more in its environment. */
  Command type(Map<String, String> environment, String... arguments) throws IOException {
    List<String> where = List.of("-cp", environment.getOrDefault(CLASSES_FIRST, "") + classPath());
    return java(environment, where, "dev.inkling.starter.Main", arguments);
  }

  /** A process of this home: a class with its arguments, in a Java with some options. */
  Command java(
      Map<String, String> environment, List<String> options, String main, String... arguments)
      throws IOException {
    List<String> line = new ArrayList<>();
    line.add(ProcessHandle.current().info().command().orElse("java"));
    line.addAll(
        List.of(
            "-Xmx400m",
            "-XX:+UseSerialGC",
            // Commands end before optimised code has paid for its making: 40 % less work.
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.awt.headless=true"));
    line.addAll(options);
    line.add(main);
    line.addAll(List.of(arguments));
    Path output = Files.createTempFile(home, "terminal", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.environment().put("INKLING_HOME", home.toString());
    builder.environment().put("INKLING_CHECKPOINT_SECONDS", "0.2");
    builder.environment().keySet().removeIf(name -> name.startsWith("TEMPORAL_"));
    builder.environment().putAll(environment);
    Command command = new Command(builder.start(), output);
    commands.add(command);
    return command;
  }

  /** A command that must succeed; its output. */
  String mustSucceed(String... arguments) throws IOException, InterruptedException {
    return type(arguments).mustSucceed();
  }

  /** What a command makes that nobody disturbs, in a home of its own: its artifacts' hashes. */
  static Map<String, String> artifactsOf(Path home, String... arguments)
      throws IOException, InterruptedException {
    try (Terminal terminal = new Terminal(home)) {
      terminal.mustSucceed(arguments);
      return artifactHashes(home);
    }
  }

  static String classPath() {
    String surefire = System.getProperty("surefire.test.class.path");
    return surefire == null ? System.getProperty("java.class.path") : surefire;
  }

  Path home() {
    return home;
  }

  /** Where the embedded server answers. */
  String serverAddress() throws IOException {
    return "127.0.0.1:"
        + new ObjectMapper()
            .readTree(home.resolve("temporal/server.json").toFile())
            .path("port")
            .asInt();
  }

  /** The last command has told the server to end; it takes a second. */
  void awaitServerEnd() throws IOException, InterruptedException {
    for (int i = 0; i < 100; i++) {
      if (server().isEmpty()) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new AssertionError("the server was left behind");
  }

  /** The checkpoint of the stage that trains now, if it has one. */
  Optional<Path> checkpoint() throws IOException {
    if (!Files.isDirectory(home.resolve("work"))) {
      return Optional.empty();
    }
    try (Stream<Path> work = Files.list(home.resolve("work"))) {
      return work.map(w -> w.resolve("checkpoint.safetensors")).filter(Files::exists).findFirst();
    }
  }

  /** Waits for it; the one of the stage before is gone with its work directory. */
  void awaitCheckpoint(String stage, Command worker) throws Exception {
    worker.awaitText("'" + stage + "'");
    awaitCheckpoint(worker);
  }

  /** Waits until some stage that trains has something to go on from. */
  void awaitCheckpoint(Command worker) throws Exception {
    long end = System.nanoTime() + LONG.toNanos();
    while (checkpoint().isEmpty()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no checkpoint:\n" + worker.text());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** Kills the embedded server, if it runs. */
  void killServer() throws IOException {
    server().ifPresent(ProcessHandle::destroyForcibly);
  }

  Optional<ProcessHandle> server() throws IOException {
    Path file = home.resolve("temporal/server.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode written = new ObjectMapper().readTree(file.toFile());
    // Numbers of processes are used again.
    return ProcessHandle.of(written.path("process").asLong())
        .filter(
            p ->
                written
                    .path("started")
                    .asText()
                    .equals(p.info().startInstant().map(Object::toString).orElse("unknown")));
  }

  /** The SHA-256 of every file of every artifact but the reports, whose page tells timings. */
  static Map<String, String> artifactHashes(Path home) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(home.resolve("artifacts"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = home.resolve("artifacts").relativize(file).toString();
        if (!name.endsWith("manifest.json") && !name.endsWith("report.html")) {
          hashes.put(name, dev.inkling.artifact.Disk.sha256(file));
        }
      }
    }
    return hashes;
  }

  @Override
  public void close() throws IOException {
    for (Command command : commands) {
      command.process().destroyForcibly().onExit().join();
    }
    Optional<ProcessHandle> server = server();
    server.ifPresent(ProcessHandle::destroyForcibly);
    // It counts as alive until whoever is its parent now has taken note.
    server.ifPresent(s -> s.onExit().completeOnTimeout(s, 10, TimeUnit.SECONDS).join());
    // JUnit warns of links that lead out of what it removes.
    Files.delete(home.resolve("bin/temporal"));
    Files.delete(home.resolve("djl"));
  }
}
