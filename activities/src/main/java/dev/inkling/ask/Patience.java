package dev.inkling.ask;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a question is tried again.
 *
 * @param attempts so many failures are the end; being refused for the rate, being told when to come
 *     back, and an outage do not count
 * @param total and so much time since it was first asked, waiting included
 * @param first the bound of the first wait; it doubles with each failure
 * @param longest what the bound never exceeds
 */
public record Patience(int attempts, Duration total, Duration first, Duration longest) {
  /**
   * Eight attempts last about a minute and outlive a provider's restart; ten minutes outlive a
   * short outage, in which attempts are not counted.
   */
  public static final Patience DEFAULT =
      new Patience(8, Duration.ofMinutes(10), Duration.ofSeconds(1), Duration.ofSeconds(60));

  public Patience {
    if (attempts < 1 || total.isNegative() || first.isNegative() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "Patience needs at least one attempt and 0 <= first <= longest; these are "
              + attempts
              + " attempts, first "
              + first
              + ", longest "
              + longest);
    }
  }

  /** The largest wait after so many failures (1 for the first). */
  Duration bound(int failures) {
    // Beyond 30 doublings of a millisecond any sensible longest wait is reached.
    Duration doubled = first.multipliedBy(1L << Math.min(30, Math.max(0, failures - 1)));
    return doubled.compareTo(longest) < 0 ? doubled : longest;
  }

  /**
   * The wait after so many failures: uniform between nothing and the bound, so that questions that
   * failed together do not come back together ("full jitter").
   */
  Duration wait(int failures, RandomGenerator random) {
    return Duration.ofNanos((long) (random.nextDouble() * bound(failures).toNanos()));
  }
}
