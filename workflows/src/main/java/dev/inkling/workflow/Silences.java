package dev.inkling.workflow;

import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.TimeoutFailure;
import java.time.Duration;
import java.time.Instant;

/** How often in a row stages fell silent on a machine that is there. */
final class Silences {
  /** A stage that was heard of for so long has worked: what silenced it is another matter. */
  private static final Duration WORKED = Duration.ofMinutes(10);

  private int inARow;
  private Instant last = Instant.EPOCH;

  /** Whether the machine, and not the stage, may have failed. */
  static boolean mayBe(ActivityFailure e) {
    return Failures.WORKER_LOST.is(e.getCause())
        || timedOut(e, TimeoutType.TIMEOUT_TYPE_HEARTBEAT)
        || unserved(e);
  }

  /** Whether no worker took the stage. */
  static boolean unserved(ActivityFailure e) {
    return timedOut(e, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START);
  }

  private static boolean timedOut(ActivityFailure e, TimeoutType type) {
    return e.getCause() instanceof TimeoutFailure timeout && timeout.getTimeoutType() == type;
  }

  /**
   * Counts a silence. Stages that were under way together and fall silent together (a network that
   * was away for a moment) are silent once.
   *
   * @param sent when the stage was sent there
   * @param served whether a worker ever took it
   */
  void count(Instant sent, boolean served, Instant now) {
    if (!sent.isBefore(last)) {
      boolean worked = served && sent.plus(WORKED).isBefore(now);
      inARow = worked ? 1 : inARow + 1;
      last = now;
    }
  }

  /** Whether it was silent again after it was given a second chance. */
  boolean again() {
    return inARow > 1;
  }

  /** A stage was done there, or there is another machine. */
  void end() {
    inARow = 0;
  }
}
