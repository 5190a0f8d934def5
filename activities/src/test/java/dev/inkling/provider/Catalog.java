package dev.inkling.provider;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provider.Behaviour.ModelRoutes;
import dev.inkling.provider.Wire.Request;
import dev.inkling.provider.Wire.Response;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** What the provider has, and what its keys may do. */
final class Catalog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Catalog() {}

  /** The answer to a request about models or jobs. */
  static Response answer(Behaviour behaviour, Request request, String path) {
    boolean anthropic = request.headers().containsKey("anthropic-version");
    Dialect dialect = anthropic ? Dialect.ANTHROPIC : Dialect.OPENAI;
    Optional<Response> badKey = Refusal.badKey(behaviour, request, dialect);
    if (badKey.isPresent()) {
      return badKey.get();
    }
    if (path.equals("/v1/models") && behaviour.modelRoutes() != ModelRoutes.NONE) {
      ObjectNode list = JSON.createObjectNode().put("object", "list").put("has_more", false);
      ArrayNode data = list.putArray("data");
      behaviour.models().forEach((id, end) -> data.add(card(id, end, anthropic)));
      return Response.json(200, Map.of(), list.toString());
    }
    if (path.startsWith("/v1/models/") && behaviour.modelRoutes() == ModelRoutes.ALL) {
      String id = URLDecoder.decode(path.substring(11), StandardCharsets.UTF_8);
      if (behaviour.models().isEmpty() || behaviour.models().containsKey(id)) {
        String end = behaviour.models().getOrDefault(id, "");
        return Response.json(200, Map.of(), card(id, end, anthropic).toString());
      }
    }
    return Refusal.error(dialect, 404, "not_found_error", "There is no such model or route");
  }

  private static ObjectNode card(String id, String end, boolean anthropic) {
    ObjectNode card = JSON.createObjectNode().put("id", id);
    if (anthropic) {
      card.put("type", "model").put("display_name", id).put("created_at", "2025-01-01T00:00:00Z");
      return end.isEmpty()
          ? card.putNull("retires_at")
          : card.put("retires_at", end + "T00:00:00Z");
    }
    card.put("object", "model").put("created", 1_700_000_000).put("owned_by", "fake");
    return end.isEmpty() ? card.putNull("shutdown_date") : card.put("shutdown_date", end);
  }
}
