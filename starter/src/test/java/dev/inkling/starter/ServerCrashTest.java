package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.inkling.artifact.Disk;
import dev.inkling.crash.CrashPoint;
import dev.inkling.tensor.Safetensors;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What else can happen to a machine; docs/design/crashes.md has the list. */
@Timeout(600)
class OddCrashesTest {
  private static final Duration LONG = Duration.ofMinutes(3);

  @TempDir Path directory;
  private Terminal terminal;
  private Path spec;

  @BeforeEach
  void open() throws Exception {
    terminal = new Terminal(Files.createDirectories(directory.resolve("home")));
    spec = Files.writeString(directory.resolve("spec.yaml"), DrainTest.SPEC);
  }

  @AfterEach
  void close() throws Exception {
    terminal.close();
  }

  @Test
  void aWorkerThatSleptPastItsHeartbeatCanNeitherKeepNorPublish() throws Exception {
    Map<String, String> uninterrupted = uninterrupted();
    Terminal.Command run = terminal.type("run", spec.toString(), "--no-worker");
    run.awaitText("Temporal UI", LONG);
    Terminal.Command zombie = terminal.type("worker");
    terminal.awaitCheckpoint("student (ghost)", zombie, LONG);
    zombie.signal("STOP");

    Terminal.Command successor = terminal.type("worker");
    assertThat(run.exitCode(LONG)).as(run.text()).isZero();
    Map<String, String> published = Terminal.artifactHashes(terminal.home());
    zombie.signal("CONT");
    zombie.awaitText("stops", Duration.ofSeconds(20));
    TimeUnit.SECONDS.sleep(2);

    assertThat(published).isEqualTo(uninterrupted);
    assertThat(Terminal.artifactHashes(terminal.home())).isEqualTo(uninterrupted);
    assertThat(Disk.entries(terminal.home().resolve("work"))).isEmpty();
    assertThat(zombie.process().isAlive()).isTrue();
    zombie.signal("TERM");
    successor.signal("TERM");
    assertThat(zombie.exitCode(Duration.ofSeconds(10))).isEqualTo(143);
    assertThat(successor.exitCode(Duration.ofSeconds(10))).isEqualTo(143);
  }

  @Test
  void aKilledWorkerLosesACheckpointIntervalAndTheHeartbeatTimeoutAtMost() throws Exception {
    double interval = 1;
    Map<String, String> environment = Map.of("INKLING_CHECKPOINT_SECONDS", "" + interval);
    Terminal.Command run =
        terminal.type(
            "run",
            spec.toString(),
            "--set",
            "conditions.student (ghost).finetune.epochs=400",
            "--no-worker");
    run.awaitText("Temporal UI", LONG);
    Terminal.Command killed = terminal.type(environment, "worker");
    terminal.awaitCheckpoint("student (ghost)", killed, LONG);
    // Without checkpoints all this time would be lost.
    TimeUnit.SECONDS.sleep(8);
    Terminal.Command successor = terminal.type(environment, "worker", "--metrics-port", "0");
    successor.awaitText("/health", LONG);
    killed.process().destroyForcibly().waitFor();
    long died = System.nanoTime();
    successor.awaitText("went on from step", LONG);
    double idle = (System.nanoTime() - died) / 1e9;

    double lost = lostSeconds(successor);
    System.out.printf("OddCrashesTest: %.2f s of work lost, %.1f s idle%n", lost, idle);
    // The claim is renewed once a second, and between two looks lies half a second's work.
    assertThat(lost).isPositive().isLessThan(interval + 1 + 1);
    // 10 s without a heartbeat, a second until the retry, and what the machine takes to load.
    assertThat(idle).isLessThan(10 + 1 + 10);
  }

  /** What the attempts before lost, as the worker that goes on counts it. */
  private static double lostSeconds(Terminal.Command worker) throws Exception {
    String url = worker.text().replaceAll("(?s).*Metrics: (http://\\S*/metrics),.*", "$1");
    try (HttpClient http = HttpClient.newHttpClient()) {
      String metrics =
          http.send(
                  HttpRequest.newBuilder(URI.create(url)).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      return metrics
          .lines()
          .filter(line -> line.startsWith("inkling_lost_work_seconds_total{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
          .sum();
    }
  }

  @Test
  void withoutTheFencingTokenAZombieWouldBeNoticed() throws Exception {
    assertThat(zombieScenario("")).isZero();
    String mutant =
        Mutant.of(
                directory.resolve("mutant-token"),
                Class.forName("dev.inkling.artifact.Claim"),
                "if (entry.isEmpty() || !entry.get().token().equals(token)) {",
                "if (entry.isEmpty()) {")
            .path();
    assertThat(zombieScenario(mutant)).isEqualTo(1);
  }

  private int zombieScenario(String classesFirst) throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                classesFirst + Terminal.classPath(),
                ZombieScenario.class.getName(),
                Files.createTempDirectory(directory, "zombie").toString())
            .inheritIO()
            .start();
    return process.waitFor();
  }

  @Test
  void aDamagedCheckpointIsNotUsedAndWithoutItsChecksumWouldBeNoticed() throws Exception {
    Map<String, String> uninterrupted = uninterrupted();

    assertThat(goneOnFromADamagedCheckpoint("damaged", "")).isEqualTo(uninterrupted);

    String mutant =
        Mutant.of(
                directory.resolve("mutant-checksum"),
                Safetensors.class,
                "if (!found.equals(written)) {",
                "if (found.isEmpty()) {")
            .path();
    assertThat(goneOnFromADamagedCheckpoint("unchecked", mutant)).isNotEqualTo(uninterrupted);
  }

  private Map<String, String> goneOnFromADamagedCheckpoint(String name, String classesFirst)
      throws Exception {
    try (Terminal other = new Terminal(Files.createDirectories(directory.resolve(name)))) {
      Terminal.Command run =
          other.type(Map.of("INKLING_CRASH_AT", "CHECKPOINT_KEPT:7"), "run", spec.toString());
      assertThat(run.exitCode(LONG)).as(run.text()).isEqualTo(CrashPoint.CODE);
      flip(other.checkpoint().orElseThrow());
      Terminal.Command again =
          other.type(Map.of(Terminal.CLASSES_FIRST, classesFirst), "run", spec.toString());
      assertThat(again.exitCode(LONG)).as(again.text()).isZero();
      return Terminal.artifactHashes(other.home());
    }
  }

  @Test
  void aDamagedArtifactIsMovedAsideAndMadeAgain() throws Exception {
    terminal.mustSucceed("run", spec.toString());
    Map<String, String> before = Terminal.artifactHashes(terminal.home());
    flip(terminal.home().resolve("artifacts").resolve(model(before)));

    assertThat(terminal.mustSucceed("run", spec.toString())).containsPattern("Done: 1 stages made");
    assertThat(Terminal.artifactHashes(terminal.home())).isEqualTo(before);
    assertThat(Disk.entries(terminal.home().resolve("damaged"))).hasSize(1);
  }

  private static String model(Map<String, String> artifacts) {
    return artifacts.keySet().stream()
        .filter(f -> f.endsWith("model.safetensors"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whenOnlyTheServerIsKilledTheNextCommandBringsItBackAndTheRunGoesOn() throws Exception {
    Map<String, String> uninterrupted = uninterrupted();
    Terminal.Command run = terminal.type("run", spec.toString());
    run.awaitText("running  Finetune        student (ghost)", LONG);

    terminal.killServer();
    assertThat(terminal.mustSucceed("status")).contains("drain-");

    assertThat(run.exitCode(LONG)).as(run.text()).isZero();
    assertThat(Terminal.artifactHashes(terminal.home())).isEqualTo(uninterrupted);
  }

  @Test
  void aServerThatNobodyWroteDownIsFoundAndEnded() throws Exception {
    Terminal.Command run = terminal.type("run", spec.toString());
    run.awaitText("running  Finetune", LONG);
    run.process().destroyForcibly().waitFor();
    Path written = terminal.home().resolve("temporal/server.json");
    ProcessHandle unknown = terminal.server().orElseThrow();
    Files.delete(written);

    terminal.mustSucceed("run", spec.toString());

    assertThat(unknown.isAlive()).isFalse();
  }

  @Test
  void homesThatStartTheirServersAtOnceDoNotShareOne() throws Exception {
    try (Terminal a = new Terminal(Files.createDirectories(directory.resolve("a")));
        Terminal b = new Terminal(Files.createDirectories(directory.resolve("b")))) {
      Terminal.Command first = a.type("server");
      Terminal.Command second = b.type("server");
      first.awaitText("Temporal UI", LONG);
      second.awaitText("Temporal UI", LONG);

      assertThat(a.serverAddress()).isNotEqualTo(b.serverAddress());
      assertThat(a.server().orElseThrow().isAlive()).isTrue();
      assertThat(b.server().orElseThrow().isAlive()).isTrue();
    }
  }

  @Test
  void aServerWhoseCommandWasKilledAtItsVeryEndIsNotLeftBehind() throws Exception {
    terminal.mustSucceed("run", "promptmlp", "--set", "seeds=[1]");
    Terminal.Command killed =
        terminal.type("run", "promptmlp", "--set", "seeds=[2]", "--no-worker");
    killed.awaitText("Temporal UI", LONG);
    killed.process().destroyForcibly().waitFor();
    assertThat(terminal.server()).isPresent();

    assertThat(terminal.mustSucceed("run", "promptmlp", "--set", "seeds=[1]"))
        .contains("Everything is there");
    terminal.awaitServerEnd();
  }

  @Test
  void aFullDiskLosesNothing() throws Exception {
    Map<String, String> uninterrupted = uninterrupted();
    Path small = Files.createDirectories(directory.resolve("small"));
    assumeTrue(
        mount("-t", "tmpfs", "-o", "size=700k", "tmpfs", small.toString()),
        "this machine does not let us mount a small disk");
    try (Terminal onSmallDisk = new Terminal(small)) {
      terminal.type("server").awaitText("Temporal UI", LONG);
      Map<String, String> environment = Map.of("TEMPORAL_ADDRESS", terminal.serverAddress());
      Terminal.Command full = onSmallDisk.type(environment, "run", spec.toString());
      assertThat(full.exitCode(LONG)).as(full.text()).isEqualTo(1);
      assertThat(full.text()).contains("is full", "./inkling run");

      assertThat(mount("-o", "remount,size=200m", small.toString())).isTrue();
      Terminal.Command again = onSmallDisk.type(environment, "run", spec.toString());
      assertThat(again.exitCode(LONG)).as(again.text()).isZero();
      assertThat(Terminal.artifactHashes(small)).isEqualTo(uninterrupted);
    } finally {
      new ProcessBuilder("umount", "--lazy", small.toString()).start().waitFor();
    }
  }

  static boolean mount(String... arguments) throws Exception {
    List<String> command = new java.util.ArrayList<>(List.of("mount"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }

  private Map<String, String> uninterrupted() throws Exception {
    try (Terminal other = new Terminal(Files.createDirectories(directory.resolve("plain")))) {
      other.mustSucceed("run", spec.toString());
      return Terminal.artifactHashes(other.home());
    }
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 0x40;
    Files.write(file, bytes);
  }
}
