package dev.inkling.provision;

import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.workflow.ClusterRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * How a worker is started on a machine that is not this one.
 *
 * @param environment of the worker there. Secret: it goes by the means least exposed and never on a
 *     command line
 * @param classPath where this process has its classes; a single runnable archive, with its
 *     libraries beside it, unless this is a test
 */
public record Node(Map<String, String> environment, List<Path> classPath) {
  /** What a worker of stages that compute needs of the environment, and no more. */
  private static final Set<String> NEEDED =
      Set.of(
          "INKLING_STORE",
          "INKLING_CHECKPOINT_SECONDS",
          "INKLING_LOG",
          "INKLING_JAVA_OPTIONS",
          "HF_TOKEN",
          "HF_ENDPOINT");

  private static final List<String> NEEDED_FAMILIES = List.of("TEMPORAL_", "AWS_");

  /** As the build's manifest has it. */
  private static final String LIBRARIES = "lib";

  public Node {
    environment = Map.copyOf(environment);
    classPath = List.copyOf(classPath);
  }

  /**
   * The worker of this process's archive.
   *
   * @param own this process's environment
   * @param address of the Temporal service as it is reached from there
   */
  public static Node of(Map<String, String> own, String address) {
    Map<String, String> needed = new TreeMap<>();
    own.forEach(
        (name, value) -> {
          if (NEEDED.contains(name) || NEEDED_FAMILIES.stream().anyMatch(name::startsWith)) {
            needed.put(name, value);
          }
        });
    needed.putIfAbsent("TEMPORAL_ADDRESS", address);
    return new Node(
        needed,
        List.of(System.getProperty("java.class.path").split(java.io.File.pathSeparator)).stream()
            .map(Path::of)
            .toList());
  }

  /**
   * Makes sure that what is made there outlives the machine.
   *
   * @throws ProvisionException if the store is a directory of this machine alone
   */
  public void checkShared() throws ProvisionException {
    if (!environment.containsKey("INKLING_STORE")) {
      throw new ProvisionException(
          Reason.BAD_REQUEST,
          "Artifacts would be lost with the machine: INKLING_STORE names no store that this worker"
              + " and the machine share. Set it, for example to s3://my-bucket/inkling"
              + " (docs/stores.md), start the worker again, and run the same command.");
    }
  }

  /** The archive, for tools that copy it there. */
  public Path archive() throws ProvisionException {
    if (classPath.size() != 1 || !classPath.getFirst().toString().endsWith(".jar")) {
      throw new ProvisionException(
          Reason.BAD_REQUEST,
          "There is no single archive of Inkling to send. Start this worker with ./inkling, which"
              + " builds one.");
    }
    return classPath.getFirst().toAbsolutePath();
  }

  /**
   * The folder of libraries beside the archive, which its manifest names and which goes with it;
   * none beside an archive that has everything in it.
   */
  public Optional<Path> libraries() throws ProvisionException {
    return Optional.of(archive().resolveSibling(LIBRARIES)).filter(Files::isDirectory);
  }

  /** What follows the name of the main class or the archive. */
  public static List<String> arguments(ClusterRequest request) {
    return List.of(
        "worker",
        "--queue",
        request.queue(),
        "--stages-only",
        "--idle-minutes",
        Integer.toString(request.compute().idleMinutes()),
        "--max-hours",
        String.format(Locale.ROOT, "%.4f", request.compute().maxHours()));
  }
}
