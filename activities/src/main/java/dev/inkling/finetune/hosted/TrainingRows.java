package dev.inkling.finetune.hosted;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.finetune.DrawnRows;
import dev.inkling.row.Row;
import dev.inkling.stage.Monitor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The rows that a model is fine-tuned on, each once, in the order of the dataset.
 *
 * @param dataset the file with all rows
 * @param system what the model is told before each of them
 * @param most if there are more rows, so many are drawn
 * @param seed what they are drawn with
 */
record TrainingRows(Path dataset, Optional<String> system, Optional<Integer> most, long seed) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Writes them as OpenAI's chats, a line for each; the same rows always give the same bytes.
   *
   * @return how many there are
   */
  long write(Path file, Monitor monitor) throws IOException {
    long[] written = {0};
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      new DrawnRows(dataset, most, seed)
          .each(
              row -> {
                out.write(JSON.writeValueAsBytes(chat(row)));
                out.write('\n');
                monitor.progress(++written[0], 0, "rows", Optional.empty());
              });
    }
    return written[0];
  }

  private ObjectNode chat(Row row) {
    ObjectNode chat = JSON.createObjectNode();
    ArrayNode messages = chat.putArray("messages");
    system.ifPresent(s -> messages.addObject().put("role", "system").put("content", s));
    messages.addObject().put("role", "user").put("content", row.prompt());
    messages.addObject().put("role", "assistant").put("content", row.completion());
    return chat;
  }
}
