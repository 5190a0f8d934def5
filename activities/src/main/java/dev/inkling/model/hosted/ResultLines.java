package dev.inkling.model.hosted;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.model.ModelException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The results of a batch, a line of JSON for each request, in any order; read one by one. */
final class ResultLines {
  private ResultLines() {}

  /** Takes what a line says. */
  interface Line {
    void read(long number, JsonNode line) throws IOException;
  }

  /**
   * Reads a file of results.
   *
   * @param json the mapper of the provider's SDK
   * @throws ModelException if a line is no JSON, or not of this order
   */
  static void read(Path file, Batches.Order order, ObjectMapper json, Refusals refusals, Line line)
      throws ModelException, IOException {
    String ours = order.request(0).substring(0, order.tag().length() + 1);
    // Not Files.newBufferedReader: a byte that is no UTF-8 is the provider's, not our disk's.
    try (BufferedReader lines =
        new BufferedReader(
            new java.io.InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      for (String text = lines.readLine(); text != null; text = lines.readLine()) {
        if (!text.isBlank()) {
          JsonNode node = parse(text, json, refusals);
          String id = node.path("custom_id").asText();
          if (!id.startsWith(ours) || !id.substring(ours.length()).matches("[0-9]{1,18}")) {
            throw refusals.nonsense("a result of another batch than " + order.tag() + ": " + id);
          }
          line.read(Long.parseLong(id.substring(ours.length())), node);
        }
      }
    }
  }

  private static JsonNode parse(String text, ObjectMapper json, Refusals refusals)
      throws ModelException {
    try {
      return json.readTree(text);
    } catch (JsonProcessingException e) {
      throw refusals.nonsense("a line of results that is no JSON: " + text);
    }
  }
}
