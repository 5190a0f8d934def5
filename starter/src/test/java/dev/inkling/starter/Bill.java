package dev.inkling.starter;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the machines of one experiment cost, by their cloud's ledger. A machine costs a dollar a
 * second, so that dollars are seconds of its life.
 *
 * @param events of these machines, in order
 */
record Bill(List<JsonNode> events) {
  /** A dollar a second. */
  static final double USD_PER_HOUR = 3600;

  Bill {
    events = List.copyOf(events);
  }

  /** How many machines were made. */
  long launches() {
    return events.stream().filter(Bill::isLaunch).count();
  }

  /** How many of them live. */
  long living() {
    return launches()
        - events.stream().filter(event -> event.path("event").asText().equals("ended")).count();
  }

  private static boolean isLaunch(JsonNode event) {
    return event.path("event").asText().equals("launched");
  }

  /** The task queue of the first, the second, ... machine. */
  String queue(int number) {
    JsonNode launch =
        events.stream()
            .filter(Bill::isLaunch)
            .skip(number - 1)
            .findFirst()
            .orElseThrow(() -> new AssertionError("no machine number " + number));
    return launch.has("name") // Modal's apps are named by it
        ? launch.path("name").asText()
        : launch.path("cluster").asText()
            + "."
            + launch.at("/resources/labels/generation").asText();
  }

  /** The longest life of one that has ended. */
  Duration longestLife() {
    double seconds =
        events.stream().mapToDouble(event -> event.path("usd").asDouble()).max().orElse(0);
    return Duration.ofMillis((long) (1000 * seconds));
  }

  /**
   * Why this is more than the experiment had to pay: the time until nobody needed a machine, and
   * one idle limit.
   */
  Optional<String> excess(Instant needed) {
    if (events.isEmpty()) {
      return Optional.empty();
    }
    double usd = events.stream().mapToDouble(event -> event.path("usd").asDouble()).sum();
    if (living() > 0) {
      JsonNode last = events.stream().filter(Bill::isLaunch).reduce((_, b) -> b).orElseThrow();
      usd += Instant.now().toEpochMilli() / 1000.0 - last.path("at").asDouble();
    }
    double first = events.getFirst().path("at").asDouble();
    double most = needed.toEpochMilli() / 1000.0 - first + CloudLimits.USUAL.idle().toSeconds();
    return usd <= most
        ? Optional.empty()
        : Optional.of("$%.2f, at most $%.2f: %s".formatted(usd, most, events));
  }
}
