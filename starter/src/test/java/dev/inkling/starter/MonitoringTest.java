package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a worker tells over HTTP, while it works and when its server is gone. */
@Tag("alone")
class MonitoringTest extends AtATerminal {
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void closeClient() throws Exception {
    http.close();
  }

  private HttpResponse<String> get(String url) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aWorkerTellsItsMetricsAndItsHealth() throws Exception {
    Terminal.Command worker = terminal.type("worker", "--metrics-port", "0");
    String url = worker.address();
    assertThat(url).startsWith("http://127.0.0.1:");
    terminal.mustSucceed("run", "promptmlp", "--set", "seeds=[1,2]", "--no-worker");

    TimeUnit.SECONDS.sleep(2); // the SDK reports every second
    assertThat(get(url + "/metrics").body())
        .contains("temporal_request_total", "inkling_stages_running 0.0")
        .containsPattern(
            "inkling_stage_seconds_count\\{outcome=\"done\",stage=\"Finetune\"\\} [1-9]")
        .containsPattern("inkling_steps_total\\{stage=\"Finetune\"\\} [1-9]")
        .containsPattern("inkling_rows_total\\{stage=\"Evaluate\"\\} [1-9]")
        .containsPattern("inkling_loss\\{stage=\"Finetune\"\\} 0?\\.?[0-9]")
        .containsPattern("inkling_wait_seconds_sum\\{for=\"slot\",stage=\"Finetune\"\\} [0-9]")
        .contains("inkling_retries_total{stage=\"Finetune\"} 0.0")
        .contains("inkling_lost_work_seconds_total{stage=\"Finetune\"} 0.0");
    assertThat(get(url + "/health").body()).contains("\"live\":true", "\"ready\":true");
    assertThat(get(url + "/health/ready").statusCode()).isEqualTo(200);
    assertThat(get(url + "/health/live").statusCode()).isEqualTo(200);
    assertThat(get(url + "/else").statusCode()).isEqualTo(404);

    Terminal.Command second = terminal.type("worker", "--metrics-port", url.replaceAll(".*:", ""));
    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.text()).contains("Metrics cannot be served on port", "--metrics-port");

    terminal.killServer();
    terminal.awaitServerEnd();
    HttpResponse<String> ready = get(url + "/health/ready");
    assertThat(ready.statusCode()).as(ready.body()).isEqualTo(503);
    assertThat(ready.body()).contains("\"ready\":false", "does not answer");
    assertThat(get(url + "/health/live").statusCode()).isEqualTo(200);
  }
}
