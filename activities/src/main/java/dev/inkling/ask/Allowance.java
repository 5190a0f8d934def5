package dev.inkling.ask;

import java.time.Duration;

/**
 * What the provider says it still takes, of requests or of tokens. What is left is spread evenly
 * over the time until it is refilled.
 *
 * <p>That suits both kinds of limits. Where a quota is given for each minute, it is used up exactly
 * at the minute's end. Where it is refilled all the time and the reset is when it would be full,
 * the rate comes to rest at the refilling rate, with half the quota in reserve: there, what is left
 * and what is missing are equal.
 */
final class Allowance {
  private double left;
  private long resetAt;
  private double sentBefore;
  private long heardNumber = -1;
  private boolean known;

  /**
   * A reply has told what was left.
   *
   * @param number which request it answers, in the order of sending; an older one says nothing new
   * @param sentBefore how much had been sent when that request was, itself included
   */
  void heard(long remaining, Duration reset, long number, double sentBefore, long now) {
    if (number > heardNumber) {
      heardNumber = number;
      left = remaining;
      resetAt = now + reset.toNanos();
      this.sentBefore = sentBefore;
      known = true;
    }
  }

  /**
   * How long, in nanoseconds, to wait before something is sent.
   *
   * @param sent how much has been sent so far: all since the reply's own request may not have been
   *     counted in it
   * @param lastAt when something was last sent
   */
  long wait(double cost, double sent, long lastAt, long now) {
    if (!known || now >= resetAt) {
      return 0;
    }
    double room = left - (sent - sentBefore);
    if (room < cost) {
      return resetAt - now;
    }
    return Math.max(0, lastAt + (long) ((resetAt - now) * cost / room) - now);
  }
}
