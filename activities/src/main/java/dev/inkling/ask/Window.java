package dev.inkling.ask;

/**
 * How many requests may be in flight. It doubles each round trip until the provider first refuses
 * one (slow start), then grows by one each round trip, and shrinks by a fifth when a request is
 * refused: TCP's way of finding its share of a line of unknown width (Jacobson 1988).
 */
final class Window {
  /** What is left after a refusal. */
  private static final double SHRINK = 0.8;

  private final int start;
  private final int max;
  private double size;
  private boolean slowStart = true;
  private long fullAt = Long.MIN_VALUE;
  private long shrunkAt = Long.MIN_VALUE;

  Window(int start, int max) {
    this.start = start;
    this.max = max;
    this.size = start;
  }

  /** How many requests may be in flight now. */
  int size() {
    return (int) size;
  }

  /** A request would have been sent, had the window been larger. */
  void full(long now) {
    fullAt = now;
  }

  /** An answer has come; only a window that was full meanwhile has shown that it could be wider. */
  void answered(long sentAt) {
    if (fullAt >= sentAt) {
      size = Math.min(max, size + (slowStart ? 1 : 1 / size));
    }
  }

  /**
   * A request was refused. Those that were sent before the window last shrank say nothing about its
   * new size, so it shrinks once each round trip.
   *
   * @return whether it shrank
   */
  boolean refused(long sentAt, long now) {
    slowStart = false;
    if (sentAt < shrunkAt) {
      return false;
    }
    size = Math.max(1, size * SHRINK);
    shrunkAt = now;
    return true;
  }

  /** The provider was away: it is approached like a new one. */
  void restart() {
    size = Math.min(size, start);
    slowStart = true;
  }
}
