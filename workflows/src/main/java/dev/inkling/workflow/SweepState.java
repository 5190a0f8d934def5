package dev.inkling.workflow;

import java.util.ArrayList;
import java.util.List;

/**
 * What one run of a sweep tells the next, between points: nothing is under way then.
 *
 * @param next the first point that was not begun, from 0
 * @param done points with a report
 * @param failed points without
 * @param failures the first of them
 */
public record SweepState(
    SweepPlan plan, int next, int done, int failed, List<PointFailure> failures, boolean paused) {
  /** So many failures are shown; the others are counted, and stand in their own workflows. */
  static final int SHOWN = 10;

  private static final int MESSAGE_LENGTH = 300;

  public SweepState {
    failures = List.copyOf(failures);
  }

  /**
   * A point that failed.
   *
   * @param point its number, from 1
   * @param workflow its own workflow
   * @param values its values
   * @param message why, in short
   */
  public record PointFailure(int point, String workflow, String values, String message) {
    public PointFailure {
      message =
          message.length() <= MESSAGE_LENGTH
              ? message
              : message.substring(0, MESSAGE_LENGTH - 1) + "…";
    }
  }

  static SweepState begin(SweepPlan plan) {
    return new SweepState(plan, 0, 0, 0, List.of(), false);
  }

  SweepState started() {
    return new SweepState(plan, next + 1, done, failed, failures, paused);
  }

  SweepState succeeded() {
    return new SweepState(plan, next, done + 1, failed, failures, paused);
  }

  SweepState failed(PointFailure failure) {
    List<PointFailure> shown = new ArrayList<>(failures);
    if (shown.size() < SHOWN) {
      shown.add(failure);
    }
    return new SweepState(plan, next, done, failed + 1, shown, paused);
  }

  SweepState paused(boolean now) {
    return new SweepState(plan, next, done, failed, failures, now);
  }

  /** Whether every point has been begun. */
  boolean allBegun() {
    return next == plan.points();
  }
}
