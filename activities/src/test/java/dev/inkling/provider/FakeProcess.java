package dev.inkling.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A {@link FakeProvider} in a process of its own, which ends with this object or with the JVM. */
public final class FakeProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final int port;
  private final HttpClient http = HttpClient.newHttpClient();

  /** Starts one; its ledger stands in the file. */
  public FakeProcess(Path ledger) throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FakeProvider.class.getName(),
                ledger.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    if (line == null || !line.startsWith("port ")) {
      throw new IOException("the provider did not start: " + line);
    }
    port = Integer.parseInt(line.substring(5));
  }

  /** What OPENAI_BASE_URL is to be. */
  public String openAiUrl() {
    return url() + "/v1";
  }

  /** What ANTHROPIC_BASE_URL is to be. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** From now on it behaves like that: a {@link Behaviour} as JSON. */
  public void behave(String json) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/control"))
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build();
    int status = http.send(request, BodyHandlers.discarding()).statusCode();
    if (status != 200) {
      throw new IOException("the provider does not understand " + json);
    }
  }

  /** The next requests get these faults, in order. */
  public void next(Fault... faults) throws IOException, InterruptedException {
    behave(
        JSON.createObjectNode()
            .put("retryAfterMs", 2000)
            .put("slowMs", 30_000)
            .set("next", JSON.valueToTree(List.of(faults)))
            .toString());
  }

  /** The next requests of a route, such as {@code POST /v1/files}, get these faults, in order. */
  public void on(String route, Fault... faults) throws IOException, InterruptedException {
    behave(
        JSON.createObjectNode()
            .put("retryAfterMs", 2000)
            .put("slowMs", 30_000)
            .set("on", JSON.createObjectNode().set(route, JSON.valueToTree(List.of(faults))))
            .toString());
  }

  /**
   * What was accepted besides questions, in order.
   *
   * @param what for example file
   */
  public List<JsonNode> effects(String what) throws IOException, InterruptedException {
    return billed()
        .get("effects")
        .valueStream()
        .filter(effect -> effect.get("what").asText().equals(what))
        .toList();
  }

  /** All that was asked and made there is forgotten, as by another provider at the same address. */
  public void forget() throws IOException, InterruptedException {
    get("/control/forget");
  }

  /** How many requests came and were billed; see {@code Counter.Billed}. */
  public JsonNode billed() throws IOException, InterruptedException {
    return get("/control/ledger");
  }

  /** The body of the last request for an answer. */
  public JsonNode last() throws IOException, InterruptedException {
    return get("/control/last");
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url() + path)).build();
    return JSON.readTree(http.send(request, BodyHandlers.ofString()).body());
  }

  /** The processor time that it has taken. */
  public Duration cpu() {
    return process.info().totalCpuDuration().orElseThrow();
  }

  /** Whether it is still there. */
  public boolean running() {
    return process.isAlive();
  }

  /** Ends it at once, as a power cut would. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() throws IOException {
    http.close();
    process.getOutputStream().close();
    process.onExit().join();
  }
}
