package dev.inkling.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.artifact.Artifact;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Spend;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the store holds of an experiment.
 *
 * @param artifacts those of its stages that are there, by key
 * @param report its report, if there is one
 * @param results the report's numbers; a missing node without a report
 * @param spend what the artifacts have cost together
 */
record Facts(
    Plan plan,
    Map<String, Artifact> artifacts,
    Optional<Artifact> report,
    JsonNode results,
    Spend spend) {
  boolean done() {
    return report.isPresent();
  }

  /** When the report was made, or the last artifact so far. */
  Optional<String> made() {
    return report
        .or(() -> artifacts.values().stream().max(Comparator.comparing(Facts::made)))
        .map(Facts::made);
  }

  /** Every artifact, the report included. */
  Stream<Artifact> all() {
    return Stream.concat(artifacts.values().stream(), report.stream());
  }

  /** To the second, so that times of one length are compared. */
  static String made(Artifact artifact) {
    String at = artifact.manifest().made().at();
    try {
      return Instant.parse(at).truncatedTo(ChronoUnit.SECONDS).toString();
    } catch (DateTimeException e) {
      return at; // shown as it is
    }
  }
}
