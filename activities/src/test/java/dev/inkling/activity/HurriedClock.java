package dev.inkling.activity;

import dev.inkling.stage.LaterException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock that can be put forward, and a loop that calls again what says {@link LaterException}, as
 * Temporal does: waits are cut short, and the clock is put forward by what was cut.
 */
public final class HurriedClock extends Clock {
  private static final Duration LONGEST = Duration.ofMillis(50);
  private static final int LOOKS = 400;

  private final AtomicLong ahead = new AtomicLong();

  /** Something that may say that it is to be called later. */
  @FunctionalInterface
  public interface Look<T> {
    T run() throws Exception;
  }

  @Override
  public Instant instant() {
    return Instant.now().plusNanos(ahead.get());
  }

  /** Puts it forward. */
  public void advance(Duration time) {
    ahead.addAndGet(time.toNanos());
  }

  /** Calls until it no longer says later. */
  public <T> T patiently(Look<T> look) throws Exception {
    for (int i = 0; i < LOOKS; i++) {
      try {
        return look.run();
      } catch (LaterException e) {
        waitFor(e);
      }
    }
    throw new AssertionError("not done after " + LOOKS + " looks");
  }

  /** Waits for as long as it says, or for as long as a test has time. */
  public void waitFor(LaterException later) throws InterruptedException {
    Duration waited = later.delay().compareTo(LONGEST) < 0 ? later.delay() : LONGEST;
    Thread.sleep(waited);
    advance(later.delay().minus(waited));
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("nobody asks for another zone");
  }
}
