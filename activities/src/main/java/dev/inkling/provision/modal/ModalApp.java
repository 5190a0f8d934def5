package dev.inkling.provision.modal;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.Cluster.State;
import dev.inkling.workflow.ClusterRequest;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An app as {@code modal app list --json} tells it. Its name is that of the worker's task queue: an
 * app has no labels that could be read back, so the generation stands in the name.
 *
 * @param name the part of the name before the generation
 * @param tasks containers that run; 0 while it waits for a machine
 */
record ModalApp(
    String id, String name, int generation, String state, int tasks, Optional<Instant> created) {
  private static final Pattern NAME =
      Pattern.compile("(" + Pattern.quote(ClusterRequest.PREFIX) + "[a-z0-9-]+)\\.([0-9]{1,9})");

  /**
   * One row of the list.
   *
   * @return empty if it is not ours
   */
  static Optional<ModalApp> of(JsonNode row) {
    Matcher parts = NAME.matcher(text(row, "description"));
    if (!parts.matches()) {
      return Optional.empty();
    }
    String tasks = text(row, "tasks");
    return Optional.of(
        new ModalApp(
            text(row, "app_id"),
            parts.group(1),
            Integer.parseInt(parts.group(2)),
            text(row, "state"),
            tasks.matches("[0-9]{1,9}") ? Integer.parseInt(tasks) : 0,
            instant(text(row, "created_at"))));
  }

  /** Before 1.5 the keys were the headings of the table, as {@code App ID}. */
  private static String text(JsonNode row, String key) {
    return row.properties().stream()
        .filter(
            field ->
                field.getKey().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_").equals(key))
        .map(field -> field.getValue().asText(""))
        .findFirst()
        .orElse("");
  }

  /** As {@code 2026-11-22 05:41:27+00:00}. */
  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text.replace(' ', 'T')).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** Whether it costs or will cost. A state that nobody has heard of counts as alive. */
  boolean lives() {
    return !state.equals("stopped") && !state.equals("stopping...") && !state.equals("disabled");
  }

  /** What is known without its request. */
  Cluster cluster() {
    return new Cluster(
        name,
        "",
        "",
        generation,
        tasks > 0 ? State.UP : State.PENDING,
        ModalProvider.NAME,
        "modal",
        "",
        created,
        Optional.empty(),
        Optional.empty(),
        tasks > 0 ? "" : "It waits for a machine, or its image is being made.");
  }
}
