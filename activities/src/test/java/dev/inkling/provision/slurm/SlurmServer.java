package dev.inkling.provision.slurm;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.inkling.artifact.Disk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Slurm of two nodes on this machine, started and stopped by the scripts of infra/slurm/test. */
public final class SlurmServer {
  private static final Path SCRIPTS = Path.of("../infra/slurm/test").toAbsolutePath().normalize();
  private static final List<String> PROGRAMS = List.of("sbatch", "slurmctld", "slurmd", "munged");
  private static final String NOT_THERE =
      "Slurm is not installed (on Debian: apt-get install slurm-wlm munge)";

  private final Path directory;

  /** Starts one; where Slurm is missing, the test is skipped, or fails with CI set. */
  public SlurmServer() throws IOException, InterruptedException {
    boolean there = PROGRAMS.stream().allMatch(SlurmServer::installed);
    if (!there && System.getenv("CI") != null) {
      fail(NOT_THERE);
    }
    assumeTrue(there, NOT_THERE);
    directory = Files.createTempDirectory("inkling-slurm");
    run("start-slurm.sh", directory.toString(), Integer.toString(freePorts()));
  }

  private static boolean installed(String program) {
    return Stream.of("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** The first of three in a row. */
  private static int freePorts() throws IOException {
    for (int tries = 0; tries < 100; tries++) {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      try (ServerSocket first = new ServerSocket(0, 1, loopback)) {
        int port = first.getLocalPort();
        try (ServerSocket second = new ServerSocket(port + 1, 1, loopback);
            ServerSocket third = new ServerSocket(port + 2, 1, loopback)) {
          return third.getLocalPort() - second.getLocalPort() == 1 ? port : fail("not in a row");
        } catch (IOException | IllegalArgumentException e) {
          // Somebody has one of them.
        }
      }
    }
    throw new IOException("There are no three free ports in a row");
  }

  private static void run(String script, String... arguments)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile("inkling-slurm", ".log");
    List<String> command = new ArrayList<>(List.of(SCRIPTS.resolve(script).toString()));
    command.addAll(List.of(arguments));
    // Into a file: the daemons keep what they are given, and a pipe would never end.
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      fail(script + " failed:\n" + Files.readString(log));
    }
    Files.delete(log);
  }

  /** What leads Slurm's commands to it. */
  public Map<String, String> environment() {
    return Map.of("SLURM_CONF", directory.resolve("slurm.conf").toString());
  }

  /** A command of Slurm that a person types. */
  public String type(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      fail(String.join(" ", command) + ": " + said);
    }
    return said;
  }

  /** The power of a node fails: its daemon, a job on it and all that the job started. */
  public void loseNode(String node, long job) throws IOException {
    List<ProcessHandle> lost = new ArrayList<>();
    ProcessHandle.of(
            Long.parseLong(Files.readString(directory.resolve("slurmd-" + node + ".pid")).strip()))
        .ifPresent(lost::add);
    ProcessHandle.allProcesses()
        .filter(process -> title(process).startsWith("slurmstepd: [" + job + "."))
        .forEach(
            step -> {
              lost.add(step);
              step.descendants().forEach(lost::add);
            });
    lost.forEach(ProcessHandle::destroyForcibly);
  }

  private static String title(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** Ends it, its jobs first. */
  public void stop() throws IOException, InterruptedException {
    run("stop-slurm.sh", directory.toString());
    Disk.removeAll(directory);
  }
}
