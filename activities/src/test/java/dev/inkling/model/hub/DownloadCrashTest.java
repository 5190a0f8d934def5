package dev.inkling.model.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.hub.Fault;
import dev.inkling.hub.Seen;
import dev.inkling.stage.Monitor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Downloads of processes that are killed, and of processes that want the same file at once. */
class DownloadCrashTest extends AtTheHub {
  /** A process that downloads the model and says where it is. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws Exception {
      try (Hub hub = new Hub(HubSettings.of(name -> Optional.ofNullable(System.getenv(name))))) {
        System.out.println(hub.snapshot(ID, hub.commit(ID, Monitor.silent()), Monitor.silent()));
      }
    }
  }

  private Process child() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment());
    return builder.start();
  }

  private static String said(Process process) throws Exception {
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return said.strip();
  }

  @Test
  void aKilledDownloadGoesOnWhereItWas() throws Exception {
    int there = 0;
    for (int more : List.of(1_000_000, 1_200_000)) {
      there += more;
      Fault.Holds held = new Fault.Holds(more);
      server.on("GET /lfs/", held);
      Process process = child();
      assertThat(held.reached().await(30, TimeUnit.SECONDS)).isTrue();
      awaitPart(there);
      process.toHandle().destroyForcibly(); // SIGKILL
      process.waitFor();
      held.goOn().countDown();
    }

    Path snapshot = Path.of(said(child()));

    assertThat(Files.readAllBytes(snapshot.resolve("model.safetensors"))).isEqualTo(weights);
    assertThat(asked("GET", "/lfs/"))
        .extracting(Seen::range)
        .containsExactly("", "bytes=1000000-", "bytes=2200000-");
    // What was whole did not come again.
    assertThat(asked("GET", "/resolve/" + commit + "/config.json")).hasSize(1);
  }

  private void awaitPart(long size) throws Exception {
    Path part =
        repository()
            .resolve("blobs")
            .resolve(
                model.head().files().get("model.safetensors").sha256() + ".inkling.incomplete");
    for (int i = 0; i < 1000 && (!Files.exists(part) || Files.size(part) < size); i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(part).hasSize(size);
  }

  @Test
  void twoProcessesThatWantTheSameBringItOnce() throws Exception {
    Fault.Holds held = new Fault.Holds(500_000);
    server.on("GET /lfs/", held);
    Process one = child();
    assertThat(held.reached().await(30, TimeUnit.SECONDS)).isTrue();
    Process other = child();
    // The other has come to the weights when it has asked for the list, and waits.
    for (int i = 0; i < 1000 && asked("GET", "/api/models").size() < 2; i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    held.goOn().countDown();

    String snapshot = said(one);
    assertThat(said(other)).isEqualTo(snapshot);
    assertThat(Files.readAllBytes(Path.of(snapshot, "model.safetensors"))).isEqualTo(weights);
    assertThat(asked("GET", "/lfs/")).hasSize(1);
  }

  @Test
  void twoThreadsThatWantTheSameBringItOnce() throws Exception {
    Fault.Holds held = new Fault.Holds(500_000);
    server.on("GET /lfs/", held);
    try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      var one = threads.submit(() -> download());
      assertThat(held.reached().await(30, TimeUnit.SECONDS)).isTrue();
      Notes told = new Notes();
      var other =
          threads.submit(
              () -> {
                try (Hub hub = hub()) {
                  return hub.snapshot(ID, commit, told);
                }
              });
      for (int i = 0; i < 1000 && told.texts.isEmpty(); i++) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      held.goOn().countDown();
      assertThat(other.get()).isEqualTo(one.get());
      assertThat(told.texts).first().asString().contains("Another process is downloading");
    }
    assertThat(asked("GET", "/lfs/")).hasSize(1);
  }
}
