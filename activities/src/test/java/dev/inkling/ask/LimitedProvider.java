package dev.inkling.ask;

import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.Reply;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/** A provider that enforces a number of requests per minute, in one of the ways that are usual. */
final class LimitedProvider implements SimulatedLine.Provider {
  private static final double MINUTE = 60e9;

  /** How the quota comes back. */
  enum Refill {
    /** All of it, each minute. */
    EACH_MINUTE,
    /** All the time; the reset is when it would be full. */
    ALL_THE_TIME
  }

  private final double perMinute;
  private final double capacity;
  private final Refill refill;
  private final boolean headers;
  private final Optional<Duration> retryAfter;
  private final SplittableRandom random = new SplittableRandom(7);
  private double left;
  private long at;

  /** After the first minute, which may begin with a full quota. */
  long taken;

  long refused;

  LimitedProvider(
      double perMinute,
      double capacity,
      Refill refill,
      boolean headers,
      Optional<Duration> retryAfter) {
    this.perMinute = perMinute;
    this.capacity = capacity;
    this.refill = refill;
    this.headers = headers;
    this.retryAfter = retryAfter;
    this.left = capacity;
  }

  @Override
  public SimulatedLine.Event asked(Pending pending, long now) {
    refill(now);
    if (left < 1) {
      refused++;
      return SimulatedLine.Event.failure(
          pending,
          now + 50_000_000,
          new ModelException(
              Reason.RATE_LIMITED, "Too many requests.", retryAfter, new Exception("429")));
    }
    left--;
    if (now > MINUTE) {
      taken++;
    }
    // Answers take between 0.3 and 3 s.
    long latency = (long) (3e8 + 2.7e9 * random.nextDouble());
    return SimulatedLine.Event.answer(pending, now + latency, headroom());
  }

  private void refill(long now) {
    if (refill == Refill.EACH_MINUTE) {
      if ((long) (now / MINUTE) > (long) (at / MINUTE)) {
        left = capacity;
      }
    } else {
      left = Math.min(capacity, left + (now - at) * perMinute / MINUTE);
    }
    at = now;
  }

  /** Headers are written when the answer begins, that is, with the request. */
  private Reply.Headroom headroom() {
    if (!headers) {
      return Reply.Headroom.UNKNOWN;
    }
    double nanos =
        refill == Refill.EACH_MINUTE
            ? MINUTE - at % MINUTE
            : (capacity - left) / perMinute * MINUTE;
    Duration reset = Duration.ofNanos((long) nanos);
    return new Reply.Headroom(
        OptionalLong.of((long) left), Optional.of(reset), OptionalLong.empty(), Optional.empty());
  }
}
