package dev.inkling.finetune;

import java.time.Duration;

/** When the next checkpoint is due. */
public final class Cadence {
  /** At most a twentieth of the time goes into checkpoints, however large they are. */
  private static final int PARTS = 20;

  private final Duration interval;
  private long next;

  /** The first is due after an interval. */
  public Cadence(Duration interval) {
    this.interval = interval;
    this.next = System.nanoTime() + interval.toNanos();
  }

  /** Whether it is time for the next one. */
  public boolean due() {
    return System.nanoTime() - next >= 0;
  }

  /** One was saved, which was begun at that {@link System#nanoTime}. */
  public void saved(long began) {
    long now = System.nanoTime();
    next = now + Math.max(interval.toNanos(), PARTS * (now - began));
  }
}
