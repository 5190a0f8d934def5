package dev.inkling.provider;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provider.Wire.Request;
import dev.inkling.provider.Wire.Response;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Lists, page by page. */
final class Pages {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Pages() {}

  /**
   * The page that a request asks for.
   *
   * @param all in the order of the list
   * @param most how many things a page has at most, whatever the request asks for
   */
  static Response of(List<ObjectNode> all, Request request, int most) {
    Map<String, String> query = query(request);
    String after = query.getOrDefault("after", query.getOrDefault("after_id", ""));
    int start =
        after.isEmpty()
            ? 0
            : 1
                + IntStream.range(0, all.size())
                    .filter(i -> all.get(i).get("id").asText().equals(after))
                    .findFirst()
                    .orElse(all.size() - 1);
    int limit = Math.min(most, Integer.parseInt(query.getOrDefault("limit", "20")));
    int end = Math.min(all.size(), start + limit);
    ObjectNode page = JSON.createObjectNode().put("object", "list");
    ArrayNode data = page.putArray("data").addAll(all.subList(start, end));
    page.set("first_id", data.path(0).path("id"));
    page.set("last_id", data.path(data.size() - 1).path("id"));
    page.put("has_more", end < all.size());
    return Response.json(200, Map.of(), page.toString());
  }

  /** The fields behind the question mark. */
  static Map<String, String> query(Request request) {
    Map<String, String> fields = new HashMap<>();
    int mark = request.path().indexOf('?');
    if (mark >= 0) {
      for (String field : request.path().substring(mark + 1).split("&", -1)) {
        String[] parts = field.split("=", 2);
        fields.put(decoded(parts[0]), parts.length < 2 ? "" : decoded(parts[1]));
      }
    }
    return fields;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
