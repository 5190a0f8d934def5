package dev.inkling.stage;

import java.time.Duration;

/** How often work at a provider is looked at: the longer it lasts, the less often. */
public final class NextLook {
  /** A look that comes so much later than it could has cost a twentieth of the work's time. */
  private static final int PARTS = 20;

  /** A look is a few requests; most jobs and batches take minutes. */
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private NextLook() {}

  /** When to look again at what is so old, after the longest time at the latest. */
  public static Duration after(Duration age, Duration longest) {
    Duration part = age.dividedBy(PARTS);
    if (part.compareTo(SHORTEST) < 0) {
      return SHORTEST;
    }
    return part.compareTo(longest) > 0 ? longest : part;
  }
}
