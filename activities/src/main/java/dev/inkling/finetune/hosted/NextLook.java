package dev.inkling.finetune.hosted;

import java.time.Duration;

/** How often a job is looked at: the longer it lasts, the less often. */
final class NextLook {
  /** A look that comes so much later than it could has cost a twentieth of the job's time. */
  private static final int PARTS = 20;

  /** A look is three requests; most jobs take minutes. */
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  /** What people who watch take for lively. */
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private NextLook() {}

  /** When to look again at what is so old. */
  static Duration after(Duration age) {
    Duration part = age.dividedBy(PARTS);
    if (part.compareTo(SHORTEST) < 0) {
      return SHORTEST;
    }
    return part.compareTo(LONGEST) > 0 ? LONGEST : part;
  }
}
