package dev.inkling.finetune.hosted;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.row.Row;
import dev.inkling.row.RowReader;
import dev.inkling.stage.Monitor;
import dev.inkling.tensor.Counter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;

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

  /** A row by its place in the dataset, with its random number. */
  private record Drawn(int place, long number) {}

  /**
   * Writes them as OpenAI's chats, a line for each; the same rows always give the same bytes.
   *
   * @return how many there are
   */
  long write(Path file, Monitor monitor) throws IOException {
    Optional<BitSet> drawn = most.isPresent() ? Optional.of(drawn(most.get())) : Optional.empty();
    long written = 0;
    try (RowReader rows = RowReader.open(dataset);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (int place = 0; rows.hasNext(); place++) {
        Row row = rows.next();
        if (drawn.isEmpty() || drawn.get().get(place)) {
          out.write(JSON.writeValueAsBytes(chat(row)));
          out.write('\n');
          monitor.progress(++written, 0, "rows", Optional.empty());
        }
      }
    }
    return written;
  }

  /** The places of those whose numbers are the smallest. */
  private BitSet drawn(int count) throws IOException {
    long key = Counter.key(seed, "training rows");
    PriorityQueue<Drawn> smallest =
        new PriorityQueue<>(Comparator.comparingLong(Drawn::number).reversed());
    try (RowReader rows = RowReader.open(dataset)) {
      for (int place = 0; rows.hasNext(); place++) {
        smallest.add(new Drawn(place, Counter.bits(key, rows.next().index())));
        if (smallest.size() > count) {
          smallest.remove();
        }
      }
    }
    BitSet places = new BitSet();
    smallest.forEach(drawn -> places.set(drawn.place()));
    return places;
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
