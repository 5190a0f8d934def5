package dev.inkling.provision.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * What is started on a machine in tests: writes down how it was started, below {@code
 * INKLING_STORE}, and stays until it is told to go.
 */
public final class StandInWorker {
  private StandInWorker() {}

  /** Leaves when there is a file {@code go} beside what it wrote; with a 1 in it, by failing. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path store = Path.of(System.getenv("INKLING_STORE"));
    Path part = store.resolve("." + UUID.randomUUID());
    Files.write(
        part,
        List.of(
            String.join(" ", arguments),
            "gpu " + System.getenv().getOrDefault("CUDA_VISIBLE_DEVICES", "none"),
            "secret " + System.getenv().getOrDefault("HF_TOKEN", "none"),
            "pid " + ProcessHandle.current().pid(),
            "torch " + System.getenv().getOrDefault("PYTORCH_LIBRARY_PATH", "none")),
        UTF_8);
    Files.move(part, store.resolve("worker-" + UUID.randomUUID()));
    System.out.println("begun");
    Path go = store.resolve("go");
    while (!Files.exists(go)) {
      Thread.sleep(Duration.ofMillis(50));
    }
    System.exit(Files.readString(go).contains("1") ? 1 : 0);
  }
}
