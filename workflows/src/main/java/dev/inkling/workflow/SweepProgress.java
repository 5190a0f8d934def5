package dev.inkling.workflow;

import java.util.List;

/**
 * Where a sweep stands, as its query {@code progress} tells it.
 *
 * @param sweep the sweep's identity
 * @param state what people read
 * @param running the workflows of the points under way
 * @param failures the first points that failed
 */
public record SweepProgress(
    String sweep,
    String state,
    int total,
    int done,
    int failed,
    List<String> running,
    List<SweepState.PointFailure> failures) {
  public SweepProgress {
    running = List.copyOf(running);
    failures = List.copyOf(failures);
  }
}
