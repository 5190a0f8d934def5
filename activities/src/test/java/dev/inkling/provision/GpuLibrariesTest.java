package dev.inkling.provision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.artifact.Versions;
import dev.inkling.provision.fake.PretendGpu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the script of {@code infra/gpu} does on a machine; {@code nvidia-smi}, Python and pip are
 * stand-ins, whose packages are empty files.
 */
@Timeout(60)
class GpuLibrariesTest {
  private static final String TORCH = "2.7.1";

  /** Has a torch if there is a folder for it, and fetches one by copying, slowly. */
  private static final String PYTHON =
      """
      if [ "$1" = -c ]; then cat "$PRETEND/own" 2>/dev/null; exit; fi
      echo "$*" >>"$PRETEND/fetched"
      while [ "$1" != --target ]; do shift; done
      mkdir -p "$2/torch/lib"
      cp "$PRETEND/net/torch/version.py" "$2/torch/" || { echo 'There is no network.' >&2; exit 1; }
      while [ -e "$PRETEND/stalled" ]; do sleep 0.05; done
      sleep 0.3
      cp -r "$PRETEND/net/." "$2"
      """;

  /** DJL loads whatever its folder has: with all of torch's the engine does not start. */
  private static final List<String> LIBRARIES =
      List.of(
          "libc10.so",
          "libc10_cuda.so",
          "libcudart.so",
          "libtorch.so",
          "libtorch_cpu.so",
          "libtorch_cuda.so");

  @TempDir private Path folder;
  private PretendGpu machine;
  private Path home;
  private Path script;

  /** What the script said on both of its outputs. */
  private record Said(int code, String output, String errors) {}

  @BeforeEach
  void setUp() throws IOException {
    // A name that a shell has to quote.
    home = Files.createDirectories(folder.resolve("shared home/.inkling"));
    machine = PretendGpu.in(folder);
    machine.tool("python3", PYTHON);
    machine.tool("uv", "exit 1");
    PretendGpu.packages(folder.resolve("net"), TORCH + "+cu126");
    script = InfraFile.GPU_LIBRARIES.copyTo(folder);
  }

  private Process start(Map<String, String> more) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("bash", script.toString());
    builder.environment().keySet().removeIf(name -> name.matches("(INKLING|PYTORCH|LD)_.*"));
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH", machine.path(),
                "INKLING_HOME", home.toString(),
                "PRETEND", folder.toString()));
    builder.environment().putAll(more);
    return builder.start();
  }

  private static Said said(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    String errors = new String(process.getErrorStream().readAllBytes(), UTF_8);
    return new Said(process.waitFor(), output, errors);
  }

  private Said run(Map<String, String> more) throws Exception {
    return said(start(more));
  }

  /** What a shell makes of the lines. */
  private static Map<String, String> variables(Said said) throws Exception {
    assertThat(said.code()).as(said.errors()).isZero();
    ProcessBuilder shell =
        new ProcessBuilder("env", "-i", "bash", "-c", "set -a; eval \"$0\"; env", said.output());
    Map<String, String> read = new HashMap<>();
    said(shell.start())
        .output()
        .lines()
        .filter(line -> line.matches("(PYTORCH|LD)_.*"))
        .forEach(line -> read.put(line.replaceFirst("=.*", ""), line.replaceFirst("[^=]*=", "")));
    return read;
  }

  private int fetched() throws IOException {
    Path calls = folder.resolve("fetched");
    return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
  }

  private List<String> kept() throws IOException {
    try (Stream<Path> files = Files.list(home)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** What a worker is told leads to these packages. */
  private void leadsTo(Path packages, Said said) throws Exception {
    Map<String, String> told = variables(said);
    Path links = Path.of(told.get("PYTORCH_LIBRARY_PATH"));
    assertThat(told)
        .containsEntry("PYTORCH_VERSION", TORCH)
        .containsEntry("PYTORCH_FLAVOR", "cu128")
        .hasEntrySatisfying(
            "LD_LIBRARY_PATH",
            path ->
                assertThat(path.split(":"))
                    .startsWith(links.toString(), packages + "/torch/lib")
                    .contains(packages + "/nvidia/cublas/lib", packages + "/cusparselt/lib"));
    try (Stream<Path> files = Files.list(links)) {
      assertThat(files.sorted())
          .allMatch(Files::isRegularFile)
          .allMatch(file -> real(file).startsWith(real(packages)))
          .extracting(file -> file.getFileName().toString())
          .isEqualTo(LIBRARIES);
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void theirVersionIsThatOfTheEngine() throws Exception {
    assertThat(Versions.all()).containsEntry("torch", TORCH);
    assertThat(InfraFile.GPU_LIBRARIES.text()).contains("\ntorch=" + TORCH + "\n");
  }

  @Test
  void theyAreFetchedOnceAndKept() throws Exception {
    Said first = run(Map.of("LD_LIBRARY_PATH", "/opt/mine"));
    leadsTo(home.resolve("torch-" + TORCH), first);
    assertThat(variables(first).get("LD_LIBRARY_PATH")).endsWith(":/opt/mine");
    assertThat(first.errors()).contains("Fetching torch 2.7.1", "2.7 GB");

    leadsTo(home.resolve("torch-" + TORCH), run(Map.of()));
    assertThat(fetched()).isEqualTo(1);
    assertThat(kept()).containsExactly("torch", "torch-2.7.1", "torch-2.7.1.lock");
  }

  @Test
  void thoseOfThisMachinesPythonAreTaken() throws Exception {
    Path own = PretendGpu.packages(folder.resolve("own-packages"), TORCH);
    Files.writeString(folder.resolve("own"), own.toString());

    leadsTo(own, run(Map.of()));

    assertThat(fetched()).isZero();
  }

  @Test
  void aTorchOfAnotherVersionOrWithoutCudaIsNotTaken() throws Exception {
    Path own = PretendGpu.packages(folder.resolve("own-packages"), "2.7.10");
    Files.writeString(folder.resolve("own"), own.toString());
    leadsTo(home.resolve("torch-" + TORCH), run(Map.of()));

    PretendGpu.packages(own, TORCH + "+cpu");
    Files.delete(own.resolve("torch/lib/libtorch_cuda.so"));
    leadsTo(home.resolve("torch-" + TORCH), run(Map.of()));
  }

  @Test
  void uvFetchesThemWherePipDoesNot() throws Exception {
    machine.tool("python3", "exit 1");
    machine.tool("uv", PYTHON);

    leadsTo(home.resolve("torch-" + TORCH), run(Map.of()));
  }

  @Test
  void whoHasSeenToThemOrComputesOnTheCoresIsLeftAlone() throws Exception {
    for (Map<String, String> mine :
        List.of(Map.of("PYTORCH_LIBRARY_PATH", "/opt/torch"), Map.of("INKLING_DEVICE", "cpu"))) {
      assertThat(run(mine)).isEqualTo(new Said(0, "", ""));
    }
    assertThat(kept()).isEmpty();
  }

  @Test
  void withoutAGpuNothingIsDone() throws Exception {
    for (String smi : List.of("echo 'No devices were found'; exit 6", "exit 127")) {
      machine.tool("nvidia-smi", smi);
      Said said = run(Map.of());
      assertThat(said.code()).isZero();
      assertThat(said.output()).isEmpty();
      assertThat(said.errors()).contains("nvidia-smi -L lists no GPU here");
    }
    assertThat(kept()).isEmpty();
  }

  @Test
  void withoutANetworkItSaysWhatToType() throws Exception {
    Files.delete(folder.resolve("net/torch/version.py"));

    Said said = run(Map.of());

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.output()).isEmpty();
    assertThat(said.errors())
        .contains("There is no network.", "could not be fetched: see above. Nothing was kept.")
        .contains("pip install --target " + (home + "/torch-2.7.1 ").replace(" h", "\\ h"))
        .contains("docs/clusters.md");
    assertThat(kept()).containsExactly("torch-2.7.1.lock");
  }

  @Test
  void whatIsNoTorchWithCudaIsNotKept() throws Exception {
    Files.delete(folder.resolve("net/torch/lib/libtorch_cuda.so"));

    Said said = run(Map.of());

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.errors()).contains("has no libraries of CUDA 12, so it was not kept");
    assertThat(kept()).containsExactly("torch-2.7.1.lock");
  }

  @Test
  void anAttemptThatIsKilledLeavesNothingThatIsTakenForWhole() throws Exception {
    Path stalled = Files.writeString(folder.resolve("stalled"), "");
    Process killed = start(Map.of());
    awaitAPart(killed);
    Stream.concat(killed.descendants(), Stream.of(killed.toHandle()))
        .toList()
        .forEach(ProcessHandle::destroyForcibly);
    assertThat(said(killed).output()).isEmpty();
    assertThat(kept()).doesNotContain("torch-2.7.1").anyMatch(name -> name.contains(".part."));
    Files.delete(stalled);

    leadsTo(home.resolve("torch-" + TORCH), run(Map.of()));

    assertThat(fetched()).isEqualTo(2);
  }

  /** Until it has fetched a part of it. */
  private void awaitAPart(Process process) throws Exception {
    while (process.isAlive()) {
      try (Stream<Path> files = Files.walk(home)) {
        if (files.anyMatch(file -> file.endsWith("torch/version.py"))) {
          return;
        }
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  @Test
  void ofTwoAtOnceOneFetches() throws Exception {
    List<Process> both = new ArrayList<>();
    for (int each = 0; each < 2; each++) {
      both.add(start(Map.of()));
    }
    for (Process each : both) {
      leadsTo(home.resolve("torch-" + TORCH), said(each));
    }
    assertThat(fetched()).isEqualTo(1);
  }

  /** The negative control of the test before, and still each finds whole ones. */
  @Test
  void whereAFileSystemHasNoLocksBothFetchAndOneStays() throws Exception {
    machine.tool("flock", "exit 1");
    Path stalled = Files.writeString(folder.resolve("stalled"), "");
    Process one = start(Map.of());
    Process other = start(Map.of());
    while (fetched() < 2) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    Files.delete(stalled);

    leadsTo(home.resolve("torch-" + TORCH), said(one));
    leadsTo(home.resolve("torch-" + TORCH), said(other));
    assertThat(kept()).containsExactly("torch", "torch-2.7.1", "torch-2.7.1.lock");
  }
}
