package dev.inkling.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.temporal.common.reporter.MicrometerClientStatsReporter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * What others may ask a worker over HTTP: {@code /metrics} for Prometheus, {@code /health} for
 * people, {@code /health/live} and {@code /health/ready} for whoever restarts and drains it.
 */
public final class MonitoringServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Scope scope =
      new RootScopeBuilder()
          .reporter(new MicrometerClientStatsReporter(registry))
          .reportEvery(com.uber.m3.util.Duration.ofSeconds(1));
  private final HttpServer server;
  private volatile Supplier<Health> health = () -> Health.notReady("it is starting");

  private record Answer(int status, String type, String body) {}

  /** Serves on a port of an address; 0 takes a free one. */
  public MonitoringServer(InetAddress address, int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(address, port), 0);
    server.createContext("/", this::answer);
    // A probe that waits for the Temporal service holds up no other.
    server.setExecutor(task -> Thread.ofVirtual().name("monitoring").start(task));
    server.start();
  }

  /** From now on, health is what this says. */
  public void tellsHealthOf(Supplier<Health> worker) {
    health = worker;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer = answerTo(exchange.getRequestMethod(), exchange.getRequestURI().getPath());
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", answer.type());
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(answer.status(), -1);
        return;
      }
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private Answer answerTo(String method, String path) throws JsonProcessingException {
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return new Answer(405, TEXT, "GET only\n");
    }
    return switch (path) {
      case "/metrics" -> new Answer(200, TEXT, registry.scrape());
      case "/health" -> health(true, health.get());
      case "/health/live" -> new Answer(200, "application/json", "{\"live\":true}\n");
      case "/health/ready" -> {
        Health now = health.get();
        yield health(now.ready(), now);
      }
      default ->
          new Answer(404, TEXT, "There are /metrics, /health, /health/live and /health/ready\n");
    };
  }

  private static Answer health(boolean good, Health health) throws JsonProcessingException {
    return new Answer(good ? 200 : 503, "application/json", JSON.writeValueAsString(health) + "\n");
  }

  /** Where the SDK reports. */
  public Scope scope() {
    return scope;
  }

  /** Where the stages report. */
  public MeterRegistry registry() {
    return registry;
  }

  /** Where it answers. */
  public String url() {
    String host = server.getAddress().getAddress().getHostAddress();
    return "http://"
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
