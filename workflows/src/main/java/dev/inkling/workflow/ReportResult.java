package dev.inkling.workflow;

import java.util.List;

/** The report's artifact, and the few numbers that the workflow returns. */
public record ReportResult(
    String key,
    boolean reused,
    String directory,
    List<ExperimentResult.ConditionResult> conditions) {
  public ReportResult {
    conditions = List.copyOf(conditions);
  }
}
