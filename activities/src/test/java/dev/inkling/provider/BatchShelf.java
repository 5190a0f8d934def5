package dev.inkling.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provider.BatchRun.Fate;
import dev.inkling.provider.Wire.Request;
import dev.inkling.provider.Wire.Response;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** OpenAI's batches: from a file, into a file of answers and one of errors. */
final class BatchShelf {
  private static final String ROUTE = "/v1/batches";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Effects effects;
  private final Counter counter;
  private final FileShelf files;
  private final AtomicLong ids = new AtomicLong();

  /** By id; ids grow, so this is the order in which they came. */
  private final Map<String, Stored> batches = new ConcurrentSkipListMap<>();

  /** A batch and the files of its results, once it has ended. */
  private static final class Stored {
    private final BatchRun run;
    private final JsonNode order;
    private final @Nullable String rejected;
    private @Nullable String output;
    private @Nullable String errors;

    Stored(BatchRun run, JsonNode order, @Nullable String rejected) {
      this.run = run;
      this.order = order;
      this.rejected = rejected;
    }
  }

  BatchShelf(Effects effects, Counter counter, FileShelf files) {
    this.effects = effects;
    this.counter = counter;
    this.files = files;
  }

  /** What a request asks of the batches; empty if it is about something else. */
  Optional<Desk.Call> call(Request request, String path) {
    return counter.conduct().behaviour().batching().closed()
        ? Optional.empty()
        : Desk.call(ROUTE, request, path, () -> create(request), () -> list(request), this::about);
  }

  private Response about(String id, String route) {
    Stored batch = batches.get(id);
    if (batch == null) {
      return Refusal.error(Dialect.OPENAI, 404, "not_found_error", "No such batch");
    }
    if (route.endsWith("/cancel")) {
      cancel(batch);
    }
    return Response.json(200, Map.of(), card(batch).toString());
  }

  private Response create(Request request) throws IOException {
    JsonNode order = JSON.readTree(request.body());
    Optional<FileShelf.Stored> input = files.file(order.path("input_file_id").asText());
    if (input.isEmpty()) {
      return Refusal.error(Dialect.OPENAI, 400, "invalid_request_error", "There is no such file");
    }
    List<BatchRun.Request> requests = new ArrayList<>();
    for (String line : new String(input.get().content(), UTF_8).lines().toList()) {
      JsonNode node = JSON.readTree(line);
      requests.add(new BatchRun.Request(node.path("custom_id").asText(), node.path("body")));
    }
    String id = "batch_%06d".formatted(ids.incrementAndGet());
    effects.add(
        "batch",
        id,
        JSON.createObjectNode()
            .put("requests", requests.size())
            .put("tag", order.path("metadata").path("inkling").asText()));
    Stored stored =
        new Stored(
            new BatchRun(id, Dialect.OPENAI, requests, counter),
            order,
            counter.conduct().behaviour().batching().rejected());
    batches.put(id, stored);
    return Response.json(200, Map.of(), card(stored).toString());
  }

  private void cancel(Stored batch) {
    batch.run.cancel();
    effects.add("batch cancelled", batch.run.id(), JSON.createObjectNode());
  }

  private Response list(Request request) {
    List<ObjectNode> cards = batches.values().stream().map(this::card).toList();
    return Pages.of(cards.reversed(), request, counter.conduct().behaviour().pageSize());
  }

  private ObjectNode card(Stored batch) {
    ObjectNode card =
        JSON.createObjectNode()
            .put("id", batch.run.id())
            .put("object", "batch")
            .put("endpoint", batch.order.path("endpoint").asText())
            .put("input_file_id", batch.order.path("input_file_id").asText())
            .put("completion_window", "24h")
            .put("created_at", batch.run.createdAt() / 1000);
    card.set("metadata", batch.order.path("metadata"));
    if (batch.rejected != null) {
      card.put("status", "failed")
          .putObject("errors")
          .putArray("data")
          .addObject()
          .put("code", batch.rejected)
          .put("message", "Rejected: " + batch.rejected);
      return card;
    }
    boolean ended = batch.run.ended();
    if (ended) {
      file(batch);
    }
    card.put("status", status(batch.run, ended));
    card.put("output_file_id", batch.output).put("error_file_id", batch.errors);
    card.putObject("request_counts")
        .put("total", batch.run.size())
        .put("completed", batch.run.count(Fate.ANSWERED))
        .put("failed", batch.run.count(Fate.FAILED));
    return card;
  }

  private static String status(BatchRun run, boolean ended) {
    if (!ended) {
      return "in_progress";
    }
    if (run.cancelled()) {
      return "cancelled";
    }
    return run.count(Fate.EXPIRED) > 0 ? "expired" : "completed";
  }

  /** Answers go into one file, whatever else became of a request into the other. */
  private void file(Stored batch) {
    synchronized (batch) {
      if (batch.output != null || batch.errors != null) {
        return;
      }
      StringBuilder answers = new StringBuilder();
      StringBuilder errors = new StringBuilder();
      for (BatchRun.Result result : batch.run.results()) {
        (result.fate() == Fate.ANSWERED ? answers : errors).append(line(result)).append("\n");
      }
      if (!answers.isEmpty()) {
        byte[] content = answers.toString().getBytes(UTF_8);
        batch.output = files.put("output.jsonl", "batch_output", content).id();
      }
      if (!errors.isEmpty()) {
        byte[] content = errors.toString().getBytes(UTF_8);
        batch.errors = files.put("errors.jsonl", "batch_output", content).id();
      }
    }
  }

  private static String line(BatchRun.Result result) {
    String fields =
        switch (result.fate()) {
          case ANSWERED ->
              "\"response\":{\"status_code\":200,\"body\":" + result.answer() + "},\"error\":null";
          case FAILED ->
              "\"response\":{\"status_code\":500,\"body\":{\"error\":{\"message\":\"The server had an"
                  + " error\",\"type\":\"server_error\"}}},\"error\":null";
          case EXPIRED ->
              "\"response\":null,\"error\":{\"code\":\"batch_expired\",\"message\":\"This request"
                  + " could not be executed before the completion window expired.\"}";
          case CANCELLED ->
              "\"response\":null,\"error\":{\"code\":\"batch_cancelled\",\"message\":\"Cancelled\"}";
        };
    return "{\"id\":\"batch_req_1\",\"custom_id\":\"" + result.request() + "\"," + fields + "}";
  }
}
