package dev.inkling.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provider.BatchRun.Fate;
import dev.inkling.provider.Wire.Request;
import dev.inkling.provider.Wire.Response;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** Anthropic's message batches: nobody sees what is in one before it has ended. */
final class MessageBatchShelf {
  private static final String ROUTE = "/v1/messages/batches";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Effects effects;
  private final Counter counter;
  private final AtomicLong ids = new AtomicLong();

  /** By id; ids grow, so this is the order in which they came. */
  private final Map<String, BatchRun> batches = new ConcurrentSkipListMap<>();

  MessageBatchShelf(Effects effects, Counter counter) {
    this.effects = effects;
    this.counter = counter;
  }

  /** What a request asks of the batches; empty if it is about something else. */
  Optional<Desk.Call> call(Request request, String path) {
    return counter.conduct().behaviour().batching().closed()
        ? Optional.empty()
        : Desk.call(ROUTE, request, path, () -> create(request), () -> list(request), this::about);
  }

  private Response about(String id, String route) throws IOException {
    BatchRun batch = batches.get(id);
    if (batch == null) {
      return missing();
    }
    return switch (route.substring(route.indexOf("{id}") + "{id}".length())) {
      case "" -> Response.json(200, Map.of(), card(batch).toString());
      case "/cancel" -> cancel(batch);
      case "/results" -> results(batch);
      default -> missing();
    };
  }

  private static Response missing() {
    return Refusal.error(Dialect.ANTHROPIC, 404, "not_found_error", "No such batch");
  }

  private Response create(Request request) throws IOException {
    List<BatchRun.Request> requests = new ArrayList<>();
    for (JsonNode node : JSON.readTree(request.body()).path("requests")) {
      String id = node.path("custom_id").asText();
      if (!id.matches("[a-zA-Z0-9_-]{1,64}")) {
        return Refusal.error(
            Dialect.ANTHROPIC, 400, "invalid_request_error", "custom_id does not match");
      }
      requests.add(new BatchRun.Request(id, node.path("params")));
    }
    BatchRun batch =
        new BatchRun(
            "msgbatch_%06d".formatted(ids.incrementAndGet()), Dialect.ANTHROPIC, requests, counter);
    effects.add("batch", batch.id(), JSON.createObjectNode().put("requests", requests.size()));
    batches.put(batch.id(), batch);
    return Response.json(200, Map.of(), card(batch).toString());
  }

  private Response cancel(BatchRun batch) {
    batch.cancel();
    effects.add("batch cancelled", batch.id(), JSON.createObjectNode());
    return Response.json(200, Map.of(), card(batch).toString());
  }

  private Response list(Request request) {
    List<ObjectNode> cards = batches.values().stream().map(MessageBatchShelf::card).toList();
    return Pages.of(cards.reversed(), request, counter.conduct().behaviour().pageSize());
  }

  private static ObjectNode card(BatchRun batch) {
    boolean ended = batch.ended();
    Instant created = Instant.ofEpochMilli(batch.createdAt());
    ObjectNode card =
        JSON.createObjectNode()
            .put("id", batch.id())
            .put("type", "message_batch")
            .put("processing_status", ended ? "ended" : "in_progress")
            .put("created_at", created.toString())
            .put("expires_at", created.plusSeconds(86_400).toString())
            .put("ended_at", ended ? Instant.now().toString() : null)
            .putNull("archived_at")
            .putNull("cancel_initiated_at")
            .putNull("results_url");
    card.putObject("request_counts")
        .put("processing", ended ? 0 : batch.size())
        .put("succeeded", batch.count(Fate.ANSWERED))
        .put("errored", batch.count(Fate.FAILED))
        .put("expired", batch.count(Fate.EXPIRED))
        .put("canceled", batch.count(Fate.CANCELLED));
    return card;
  }

  private static Response results(BatchRun batch) {
    if (!batch.ended()) {
      return Refusal.error(
          Dialect.ANTHROPIC, 400, "invalid_request_error", "The batch has no results yet");
    }
    StringBuilder lines = new StringBuilder();
    // In any order, as the documentation warns.
    for (BatchRun.Result result : batch.results().reversed()) {
      lines
          .append("{\"custom_id\":\"" + result.request() + "\",\"result\":")
          .append(result(result))
          .append("}\n");
    }
    return new Response(200, "application/x-jsonl", Map.of(), lines.toString().getBytes(UTF_8));
  }

  private static String result(BatchRun.Result result) {
    return switch (result.fate()) {
      case ANSWERED -> "{\"type\":\"succeeded\",\"message\":" + result.answer() + "}";
      case FAILED ->
          "{\"type\":\"errored\",\"error\":"
              + Dialect.ANTHROPIC.error(500, "api_error", "api_error", "Internal server error")
              + "}";
      case EXPIRED -> "{\"type\":\"expired\"}";
      case CANCELLED -> "{\"type\":\"canceled\"}";
    };
  }
}
