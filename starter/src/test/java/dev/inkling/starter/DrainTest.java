package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.tensor.Safetensors;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A worker that is told to end: soon, with its stage handed back where it stood. */
@Tag("alone")
class DrainTest extends AtATerminal {
  @Test
  void sigtermEndsAWorkerWithinTenSecondsAndTheNextGoesOnFromItsCheckpoint() throws Exception {
    Terminal.Command run = terminal.type("run", file(SmallSpec.ONE_STUDENT), "--no-worker");
    run.awaitText("Experiment drain-");
    Terminal.Command first = terminal.type("worker", "--metrics-port", "0");
    terminal.awaitCheckpoint("student (ghost)", first);
    Probe probe = Probe.of(first);
    assertThat(probe.look()).hasValueSatisfying(sight -> assertThat(sight.ready()).isEqualTo(200));

    long told = System.nanoTime();
    first.signal("TERM");
    List<Probe.Sight> sights = probe.untilItIsGone();
    assertThat(first.exitCode(Duration.ofSeconds(10))).isEqualTo(143);
    long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - told);
    System.out.println("DrainTest: gone after " + took + " ms");
    // Whoever sends work hears at once that it shall go elsewhere; whoever restarts is told to
    // wait.
    assertThat(sights)
        .anySatisfy(
            sight -> {
              assertThat(sight.ready()).isEqualTo(503);
              assertThat(sight.reason()).contains("\"ready\":false", "it stops");
              assertThat(sight.live()).isEqualTo(200);
            });
    assertThat(sights.stream().map(Probe.Sight::live)).containsOnly(200);
    assertThat(sights.stream().map(Probe.Sight::ready).dropWhile(status -> status == 200))
        .containsOnly(503);
    Path left = terminal.checkpoint().orElseThrow();
    String step;
    try (Safetensors saved = Safetensors.open(left)) {
      step = saved.metadata("step");
    }
    assertThat(Long.parseLong(step)).isPositive();

    Terminal.Command second = terminal.type("worker");
    second.awaitText("went on from step " + step);
    run.mustSucceed();
    assertThat(second.text())
        .containsPattern("'student \\(ghost\\)' [0-9a-f]{12} attempt [2-9]\\d*\\] went on from");
  }

  /** What a load balancer and a supervisor see of a worker. */
  private record Probe(HttpClient http, String url) {
    /** Both answers, one right after the other. */
    record Sight(int ready, String reason, int live) {}

    static Probe of(Terminal.Command worker) throws Exception {
      return new Probe(HttpClient.newHttpClient(), worker.address());
    }

    /** Empty once nobody answers any more. */
    Optional<Sight> look() throws InterruptedException {
      try {
        HttpResponse<String> ready = get("/health/ready");
        return Optional.of(
            new Sight(ready.statusCode(), ready.body(), get("/health/live").statusCode()));
      } catch (IOException e) {
        return Optional.empty();
      }
    }

    List<Sight> untilItIsGone() throws InterruptedException {
      List<Sight> sights = new ArrayList<>();
      Optional<Sight> sight = look();
      while (sight.isPresent()) {
        sights.add(sight.get());
        TimeUnit.MILLISECONDS.sleep(5);
        sight = look();
      }
      return sights;
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
      return http.send(
          HttpRequest.newBuilder(URI.create(url + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
