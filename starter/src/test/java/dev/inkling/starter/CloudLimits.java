package dev.inkling.starter;

import java.time.Duration;

/** How long a machine may be idle, and how long it may live at most. */
record CloudLimits(Duration idle, double maxHours) {
  /** Those of a machine that is to end by itself. */
  static final CloudLimits USUAL = new CloudLimits(Duration.ofMinutes(1), 0.3);

  /** Of one that must not, while a dead worker is missed (30 s) and the next one begins. */
  static final CloudLimits PATIENT = new CloudLimits(Duration.ofMinutes(4), 0.3);

  /** {@link #maxHours} as a duration. */
  Duration life() {
    return Duration.ofMillis((long) (maxHours * 3.6e6));
  }
}
