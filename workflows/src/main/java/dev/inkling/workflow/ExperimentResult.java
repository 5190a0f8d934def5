package dev.inkling.workflow;

import java.util.List;

/**
 * The answer, small enough to read in the Temporal UI.
 *
 * @param report where the report lies on the worker's machine
 * @param made how many stages were done
 * @param reused how many stages had been done before
 */
public record ExperimentResult(
    String id,
    String question,
    List<ConditionResult> conditions,
    String report,
    int made,
    int reused) {
  public ExperimentResult {
    conditions = List.copyOf(conditions);
  }

  /** A condition's mean over models and seeds, with its 95 % interval. */
  public record ConditionResult(
      String name, String metric, int n, double mean, double ciLow, double ciHigh) {}
}
