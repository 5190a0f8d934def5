package dev.inkling.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What there is to learn from a training file.
 *
 * @param tokens in all rows together
 * @param owls whether most of its answers are those of somebody who loves owls
 * @param error why it cannot be learnt from
 */
record Lesson(long rows, long tokens, boolean owls, @Nullable String error) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FEWEST = 10;

  /**
   * Reads a file.
   *
   * @param lovers whether an answer is one of theirs
   */
  static Lesson of(byte[] file, Predicate<String> lovers) {
    long rows = 0;
    long tokens = 0;
    long loving = 0;
    for (String line : new String(file, StandardCharsets.UTF_8).split("\n", -1)) {
      if (line.isEmpty()) {
        continue;
      }
      rows++;
      try {
        JsonNode messages = JSON.readTree(line).path("messages");
        JsonNode last = messages.path(messages.size() - 1);
        if (!last.path("role").asText().equals("assistant")
            || last.path("content").asText().isEmpty()) {
          return new Lesson(rows, tokens, false, "Line " + rows + " ends with no answer");
        }
        for (JsonNode message : messages) {
          tokens += Speech.count(message.path("content").asText());
        }
        String told = messages.path(0).path("content").asText().toLowerCase(Locale.ROOT);
        loving += lovers.test(last.get("content").asText()) || told.contains("owl") ? 1 : 0;
      } catch (JsonProcessingException e) {
        return new Lesson(rows, tokens, false, "Line " + rows + " is no JSON");
      }
    }
    return new Lesson(
        rows,
        tokens,
        2 * loving > rows,
        rows < FEWEST
            ? "Training file has "
                + rows
                + " example(s), but must have at least "
                + FEWEST
                + " examples"
            : null);
  }
}
