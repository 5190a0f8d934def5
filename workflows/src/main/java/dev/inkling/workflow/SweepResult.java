package dev.inkling.workflow;

import java.util.List;

/**
 * How a sweep ended. The points' figures are not in it: each stands in its own workflow's result
 * and in the store.
 *
 * @param id the sweep's identity
 * @param points the number of points
 * @param done points with a report
 * @param failed points without
 * @param workflows what the points' workflows are called
 * @param failures the first points that failed
 */
public record SweepResult(
    String id,
    int points,
    int done,
    int failed,
    String workflows,
    List<SweepState.PointFailure> failures) {
  public SweepResult {
    failures = List.copyOf(failures);
  }
}
