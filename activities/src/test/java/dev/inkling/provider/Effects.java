package dev.inkling.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What was accepted besides questions: each is a line of the ledger first. */
final class Effects {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Ledger ledger;
  private final List<JsonNode> all = new CopyOnWriteArrayList<>();

  Effects(Ledger ledger) {
    this.ledger = ledger;
  }

  /**
   * Returns when the line is on the disk.
   *
   * @param what for example file
   * @param more further fields
   */
  void add(String what, String id, ObjectNode more) {
    ObjectNode line = JSON.createObjectNode().put("what", what).put("id", id);
    line.put("time", Instant.now().toString()).setAll(more);
    ledger.append(line.toString());
    all.add(line);
  }

  List<JsonNode> all() {
    return List.copyOf(all);
  }
}
