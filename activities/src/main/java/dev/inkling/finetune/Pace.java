package dev.inkling.finetune;

import java.util.concurrent.TimeUnit;

/**
 * How many steps are taken between two looks at the world (progress, heartbeat, a wish to stop, a
 * due checkpoint): about a quarter of a second's work. It decides when something is looked at,
 * never what is computed.
 */
final class Pace {
  private static final long LONG = TimeUnit.MILLISECONDS.toNanos(250);
  private static final int MOST = 1 << 10;

  private int steps = 1;

  int steps() {
    return steps;
  }

  /** So many steps took this long. */
  void took(long nanos) {
    if (nanos > 2 * LONG) {
      steps = Math.max(1, steps / 2);
    } else if (nanos < LONG) {
      steps = Math.min(MOST, steps * 2);
    }
  }
}
