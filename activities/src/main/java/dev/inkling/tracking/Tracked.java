package dev.inkling.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.report.Measured;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An experiment with what its conditions came to.
 *
 * @param spec the resolved spec
 * @param outcomes in the order of the spec; none of an experiment without a report
 */
public record Tracked(String experiment, JsonNode spec, List<Outcome> outcomes) {
  public Tracked {
    outcomes = List.copyOf(outcomes);
  }

  /**
   * What a condition came to under a metric.
   *
   * @param line as the report has it
   * @param measured the values of the units; empty if their artifacts are gone
   * @param units what was measured, scored or not: seed and model, or the questions' texts
   */
  public record Outcome(Listed.Line line, Optional<Measured> measured, Set<String> units) {
    public Outcome {
      units = Set.copyOf(units);
    }
  }
}
