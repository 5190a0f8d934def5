package dev.inkling.activity;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The time, and how much has been waited for without waiting. */
final class MovedClock extends Clock {
  private volatile Duration ahead = Duration.ZERO;

  void wait(Duration delay) {
    ahead = ahead.plus(delay);
  }

  @Override
  public Instant instant() {
    return Instant.now().plus(ahead);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException();
  }
}
