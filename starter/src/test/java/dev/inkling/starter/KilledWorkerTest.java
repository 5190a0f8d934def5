package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a killed worker costs, in seconds; docs/design/crashes.md. */
@Tag("alone")
class KilledWorkerTest extends AtATerminal {
  private String spec = "";

  @BeforeEach
  void writeSpec() throws IOException {
    spec = file(SmallSpec.ONE_STUDENT);
  }

  @Test
  void aKilledWorkerLosesACheckpointIntervalAndTheHeartbeatTimeoutAtMost() throws Exception {
    double interval = 1;
    Map<String, String> environment = Map.of("INKLING_CHECKPOINT_SECONDS", "" + interval);
    Terminal.Command run =
        terminal.type(
            "run", spec, "--set", "conditions.student (ghost).finetune.epochs=400", "--no-worker");
    run.awaitText("Temporal UI");
    Terminal.Command killed = terminal.type(environment, "worker");
    terminal.awaitCheckpoint("student (ghost)", killed);
    // Without checkpoints all this time would be lost.
    TimeUnit.SECONDS.sleep(8);
    Terminal.Command successor = terminal.type(environment, "worker", "--metrics-port", "0");
    String address = successor.address();
    killed.process().destroyForcibly().waitFor();
    long died = System.nanoTime();
    successor.awaitText("went on from step");
    double idle = (System.nanoTime() - died) / 1e9;

    double lost = lostSeconds(address);
    System.out.printf("KilledWorkerTest: %.2f s of work lost, %.1f s idle%n", lost, idle);
    // The claim is renewed once a second, and between two looks lies half a second's work. Nothing
    // is
    // lost, as far as the claim tells, where the last thing done was to keep a checkpoint.
    assertThat(lost).isNotNegative().isLessThan(interval + 1 + 1);
    // 10 s without a heartbeat, a second until the retry, and what the machine takes to load.
    assertThat(idle).isLessThan(10 + 1 + 10);
  }

  /** What the attempts before lost, as the worker that goes on counts it. */
  private static double lostSeconds(String address) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      String metrics =
          http.send(
                  HttpRequest.newBuilder(URI.create(address + "/metrics")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      return metrics
          .lines()
          .filter(line -> line.startsWith("inkling_lost_work_seconds_total{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
          .sum();
    }
  }
}
