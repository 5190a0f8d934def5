package dev.inkling.model.hub;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long something is tried again.
 *
 * @param attempts so many in a row that bring nothing are the end
 * @param first the bound of the first wait; it doubles with each attempt
 * @param longest what the bound never exceeds, and what a server may ask for at most
 * @param stall a transfer that brings no byte for so long is broken off
 */
record Retries(int attempts, Duration first, Duration longest, Duration stall) {
  /**
   * Seven attempts outlive a restart of the Hub (a minute or two). Five minutes is the window of
   * the Hub's rate limits. A minute without a byte means that the connection is dead.
   */
  static final Retries DEFAULT =
      new Retries(7, Duration.ofSeconds(1), Duration.ofMinutes(5), Duration.ofMinutes(1));

  /**
   * The wait after so many failures (1 for the first).
   *
   * @throws HubException if it was the last attempt
   */
  Duration wait(int failures, PassingException e) throws HubException {
    if (failures >= attempts || e.retryAfter().orElse(Duration.ZERO).compareTo(longest) > 0) {
      throw new HubException(
          HubException.Reason.UNAVAILABLE,
          e.getMessage()
              + e.retryAfter().map(w -> " It asks to wait " + w.toSeconds() + " s.").orElse("")
              + " What was transferred is kept: try again later, and it goes on from there.",
          e);
    }
    Duration bound = first.multipliedBy(1L << Math.min(30, failures - 1));
    bound = bound.compareTo(longest) < 0 ? bound : longest;
    // Half of it at least; the rest at random, so that processes that failed together part.
    double part = 0.5 + 0.5 * RandomGenerator.getDefault().nextDouble();
    return e.retryAfter().orElse(Duration.ofNanos((long) (part * bound.toNanos())));
  }
}
