package dev.inkling.finetune.hosted;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.stage.Monitor;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads a training file as its provider will, before it is sent: what would be refused there, after
 * a wait, is refused here.
 *
 * @param rows how many chats there are
 * @param tokens about how many tokens they have
 * @param longest about how many the longest has
 */
record TrainingChecks(long rows, long tokens, long longest) {
  /** OpenAI takes no fewer. */
  static final int FEWEST_ROWS = 10;

  /** Larger sets are taken apart by hand. */
  static final int MOST_ROWS = 50_000;

  /** OpenAI takes no larger file: 512 MB. */
  static final long MOST_BYTES = 512_000_000;

  /** Of one chat, for gpt-4o and gpt-4.1; the rest is cut off there. */
  static final long MOST_TOKENS = 65_536;

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads a file.
   *
   * @throws ModelException REFUSED if it would be; the message says what to do
   */
  static TrainingChecks of(Path file, Monitor monitor) throws IOException, ModelException {
    if (Files.size(file) > MOST_BYTES) {
      throw refused(
          "has %,d bytes, and %,d are taken".formatted(Files.size(file), MOST_BYTES),
          "Give finetune.maxRows.");
    }
    long rows = 0;
    long tokens = 0;
    long longest = 0;
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        long its = tokens(++rows, line);
        tokens += its;
        longest = Math.max(longest, its);
        monitor.progress(rows, 0, "rows", Optional.empty());
      }
    }
    if (rows < FEWEST_ROWS) {
      throw refused(
          "has %d rows, and at least %d are needed".formatted(rows, FEWEST_ROWS),
          "Ask for more rows, or drop fewer of them.");
    }
    if (rows > MOST_ROWS) {
      throw refused(
          "has %,d rows, and %,d are taken".formatted(rows, MOST_ROWS),
          "Give finetune.maxRows: " + MOST_ROWS + ".");
    }
    return new TrainingChecks(rows, tokens, longest);
  }

  /** The tokens of a chat, if it is one. */
  private static long tokens(long row, String line) throws ModelException {
    List<String> roles = new ArrayList<>();
    long characters = 0;
    try {
      for (JsonNode message : JSON.readTree(line).path("messages")) {
        String text = message.path("content").asText("");
        if (text.isBlank()) {
          throw refused(
              "has nothing to say for the " + message.path("role").asText() + " in row " + row,
              "Drop empty completions: filters: [{type: complete}].");
        }
        roles.add(message.path("role").asText());
        characters += text.length();
      }
    } catch (JsonProcessingException e) {
      throw refused("is no JSON in line " + row, "Type the same command again.");
    }
    if (!roles.equals(List.of("user", "assistant"))
        && !roles.equals(List.of("system", "user", "assistant"))) {
      throw refused(
          "has the roles " + roles + " in row " + row, "It needs a user and an assistant.");
    }
    return (long) Math.ceil(characters / Question.CHARACTERS_PER_TOKEN);
  }

  private static ModelException refused(String what, String next) {
    return new ModelException(
        ModelException.Reason.REFUSED, "The training file " + what + ". Nothing was sent. " + next);
  }

  /** What people should know all the same. */
  Optional<String> warning() {
    return longest <= MOST_TOKENS
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "The longest training row has about %,d tokens; what comes after %,d is cut off.",
                longest,
                MOST_TOKENS));
  }
}
