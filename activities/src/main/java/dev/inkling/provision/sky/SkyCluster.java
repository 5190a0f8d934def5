package dev.inkling.provision.sky;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.Cluster.State;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A cluster as {@code sky status -o json} tells it.
 *
 * @param launched when SkyPilot was last asked to launch it
 */
record SkyCluster(
    String name,
    Status status,
    Map<String, String> labels,
    String where,
    String accelerators,
    Optional<Instant> launched) {
  /** As Python prints a map: {@code {'H100': 1}}. */
  private static final Pattern ACCELERATOR = Pattern.compile("'([^']+)':\\s*([0-9.]+)");

  /** SkyPilot's own words. */
  enum Status {
    /** A launch is under way, or has failed, or the machine does not answer. */
    INIT,
    /** There is a machine. */
    UP,
    /** Nothing runs there, and SkyPilot is taking it down. */
    AUTOSTOPPING,
    /** The machine is off; its disk is paid for. */
    STOPPED
  }

  SkyCluster {
    labels = Map.copyOf(labels);
  }

  static SkyCluster of(JsonNode json) {
    Map<String, String> labels = new TreeMap<>();
    json.path("labels")
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
    String region = json.path("region").asText("");
    JsonNode launched = json.path("launched_at");
    return new SkyCluster(
        json.path("name").asText(),
        status(json.path("status").asText()),
        labels,
        json.path("cloud").asText("").toLowerCase(Locale.ROOT)
            + (region.isEmpty() || json.path("region").isNull() ? "" : "/" + region),
        accelerators(json.path("accelerators")),
        launched.isNumber()
            ? Optional.of(Instant.ofEpochSecond(launched.asLong()))
            : Optional.empty());
  }

  /** What SkyPilot may call a state some day counts as one in which it is not usable yet. */
  private static Status status(String word) {
    return switch (word) {
      case "UP" -> Status.UP;
      case "AUTOSTOPPING" -> Status.AUTOSTOPPING;
      case "STOPPED" -> Status.STOPPED;
      default -> Status.INIT;
    };
  }

  private static String accelerators(JsonNode json) {
    Matcher matcher = ACCELERATOR.matcher(json.asText(""));
    return matcher.find() ? matcher.group(1) + ":" + matcher.group(2) : "";
  }

  /** Whether it bears our label. */
  boolean ours() {
    return labels.containsKey(SkyLabels.MARKER);
  }

  /** 0 if its label cannot be read. */
  int generation() {
    return (int) number(SkyLabels.GENERATION).orElse(0L).longValue();
  }

  /** When it ends by itself. */
  Optional<Instant> until() {
    return number(SkyLabels.UNTIL).map(Instant::ofEpochSecond);
  }

  /** The price that its life was cut by; empty if nobody knew. */
  Optional<Double> usdPerHour() {
    return number(SkyLabels.PRICE).map(thousandths -> thousandths / 1000.0);
  }

  /** What it may cost in all, in US dollars. */
  Optional<Double> maxUsd() {
    return number(SkyLabels.MONEY).map(thousandths -> thousandths / 1000.0);
  }

  Cluster cluster(String detail) {
    return new Cluster(
        name,
        labels.getOrDefault(SkyLabels.EXPERIMENT, ""),
        labels.getOrDefault(SkyLabels.OWNER, ""),
        generation(),
        status == Status.INIT ? State.PENDING : State.UP,
        SkyProvider.NAME,
        where,
        accelerators,
        launched,
        until(),
        usdPerHour(),
        switch (status) {
          case INIT, UP -> detail;
          case AUTOSTOPPING -> "SkyPilot is taking it down: nothing runs there.";
          case STOPPED -> "It is stopped; its disk is paid for.";
        });
  }

  private Optional<Long> number(String label) {
    String value = labels.getOrDefault(label, "");
    return value.matches("[0-9]{1,15}") ? Optional.of(Long.valueOf(value)) : Optional.empty();
  }
}
