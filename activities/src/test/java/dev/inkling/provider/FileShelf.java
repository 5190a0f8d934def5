package dev.inkling.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provider.Multipart.Part;
import dev.inkling.provider.Wire.Request;
import dev.inkling.provider.Wire.Response;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** OpenAI's files: uploaded, processed after a while, listed page by page, read and deleted. */
final class FileShelf {
  static final String ROUTE = "/v1/files";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> PURPOSES = Set.of("fine-tune", "batch");

  private final Effects effects;
  private final Supplier<Behaviour> behaviour;
  private final AtomicLong ids = new AtomicLong();

  /** By id; ids grow, so this is the order in which they came. */
  private final Map<String, Stored> files = new ConcurrentSkipListMap<>();

  /**
   * A file.
   *
   * @param processedAt when it is, in milliseconds
   * @param error why it cannot be processed
   */
  record Stored(
      String id,
      String name,
      String purpose,
      byte[] content,
      long createdAt,
      long processedAt,
      @Nullable String error) {
    String status() {
      if (System.currentTimeMillis() < processedAt) {
        return "uploaded";
      }
      return error == null ? "processed" : "error";
    }
  }

  FileShelf(Effects effects, Supplier<Behaviour> behaviour) {
    this.effects = effects;
    this.behaviour = behaviour;
  }

  /** What a request asks of the files; empty if it is about something else. */
  Optional<Desk.Call> call(Request request, String path) {
    return Desk.call(ROUTE, request, path, () -> upload(request), () -> list(request), this::about);
  }

  private Response about(String id, String route) {
    return switch (route) {
      case "GET /v1/files/{id}" ->
          file(id)
              .map(f -> Response.json(200, Map.of(), card(f).toString()))
              .orElseGet(() -> missing(id));
      case "GET /v1/files/{id}/content" ->
          file(id)
              .map(f -> new Response(200, "application/octet-stream", Map.of(), f.content()))
              .orElseGet(() -> missing(id));
      case "DELETE /v1/files/{id}" -> delete(id);
      default -> missing(id);
    };
  }

  /** The file of that id. */
  Optional<Stored> file(String id) {
    return Optional.ofNullable(files.get(id));
  }

  /** Puts a file there that nobody has uploaded: the provider's own results. */
  Stored put(String name, String purpose, byte[] content) {
    Stored file = file(name, purpose, content, new Behaviour.Filing(0, null));
    files.put(file.id(), file);
    return file;
  }

  private Stored file(String name, String purpose, byte[] content, Behaviour.Filing filing) {
    long now = System.currentTimeMillis();
    return new Stored(
        "file-%06d".formatted(ids.incrementAndGet()),
        name,
        purpose,
        content,
        now / 1000,
        now + filing.processMs(),
        filing.error());
  }

  private Response upload(Request request) {
    Multipart form = Multipart.of(request);
    String purpose = form.part("purpose").map(p -> new String(p.content(), UTF_8)).orElse("");
    Optional<Part> file = form.part("file");
    if (!PURPOSES.contains(purpose) || file.isEmpty()) {
      return Refusal.error(
          Dialect.OPENAI,
          400,
          "invalid_request_error",
          "'purpose' and 'file' are required; '" + purpose + "' is not one of " + PURPOSES);
    }
    String name = file.get().filename().orElse("");
    byte[] content = file.get().content();
    Stored stored = file(name, purpose, content, behaviour.get().filing());
    effects.add(
        "file",
        stored.id(),
        JSON.createObjectNode()
            .put("name", name)
            .put("purpose", purpose)
            .put("bytes", content.length)
            .put("sha256", HexFormat.of().formatHex(Speech.digest(content))));
    files.put(stored.id(), stored);
    return Response.json(200, Map.of(), card(stored).toString());
  }

  private Response list(Request request) {
    Map<String, String> query = Pages.query(request);
    String purpose = query.getOrDefault("purpose", "");
    List<ObjectNode> cards =
        files.values().stream()
            .filter(f -> purpose.isEmpty() || f.purpose().equals(purpose))
            .map(FileShelf::card)
            .toList();
    boolean oldestFirst = query.getOrDefault("order", "desc").equals("asc");
    return Pages.of(oldestFirst ? cards : cards.reversed(), request, behaviour.get().pageSize());
  }

  private Response delete(String id) {
    if (files.remove(id) == null) {
      return missing(id);
    }
    effects.add("file deleted", id, JSON.createObjectNode());
    return Response.json(
        200,
        Map.of(),
        JSON.createObjectNode()
            .put("id", id)
            .put("object", "file")
            .put("deleted", true)
            .toString());
  }

  private static Response missing(String id) {
    return Refusal.error(Dialect.OPENAI, 404, "not_found_error", "No such File object: " + id);
  }

  private static ObjectNode card(Stored file) {
    String status = file.status();
    ObjectNode card =
        JSON.createObjectNode()
            .put("id", file.id())
            .put("object", "file")
            .put("bytes", file.content().length)
            .put("created_at", file.createdAt())
            .put("filename", file.name())
            .put("purpose", file.purpose())
            .put("status", status);
    return card.put("status_details", status.equals("error") ? file.error() : null);
  }
}
