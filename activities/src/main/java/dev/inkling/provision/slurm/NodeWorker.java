package dev.inkling.provision.slurm;

import dev.inkling.provision.Node;
import dev.inkling.workflow.ClusterRequest;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How Java is started on a node of the cluster, which sees the same files as this machine.
 *
 * @param command up to the main class or the archive
 * @param environment of the worker; secret
 */
public record NodeWorker(List<String> command, Map<String, String> environment) {
  /** Where the nodes have a JDK, if not where this machine has it. */
  public static final String JAVA_HOME = "INKLING_NODE_JAVA";

  private static final String MAIN = "dev.inkling.starter.Main";

  public NodeWorker {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /**
   * The worker of a node.
   *
   * @param own this process's environment
   * @param home INKLING_HOME, on the shared file system
   */
  public static NodeWorker of(Node node, Map<String, String> own, Path home) {
    Path java = Path.of(own.getOrDefault(JAVA_HOME, System.getProperty("java.home")));
    List<String> command = new ArrayList<>();
    command.add(java.resolve("bin/java").toString());
    // As ./inkling has them; the heap is Java's default, since a node has more than a laptop.
    command.add("-XX:+UseSerialGC");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Djava.awt.headless=true");
    List<Path> classes = node.classPath().stream().map(Path::toAbsolutePath).toList();
    if (classes.size() == 1 && classes.getFirst().toString().endsWith(".jar")) {
      command.addAll(List.of("-jar", classes.getFirst().toString()));
    } else {
      String path =
          classes.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
      command.addAll(List.of("-cp", path, MAIN));
    }
    Map<String, String> environment = new TreeMap<>(node.environment());
    environment.put("INKLING_HOME", home.toAbsolutePath().toString());
    // Java reads them by itself, so that they stay off the command line.
    String options = environment.getOrDefault("INKLING_JAVA_OPTIONS", "");
    if (!options.isBlank()) {
      environment.put("JDK_JAVA_OPTIONS", options);
    }
    return new NodeWorker(command, environment);
  }

  /** The whole command of a worker. */
  List<String> commandFor(ClusterRequest request) {
    return Stream.concat(command.stream(), Node.arguments(request).stream()).toList();
  }
}
