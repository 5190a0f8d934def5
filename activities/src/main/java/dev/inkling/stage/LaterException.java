package dev.inkling.stage;

import java.time.Duration;

/**
 * A job or a batch of the stage is under way at a provider: there is nothing to do until it is time
 * to look again. What the stage knows of it is kept.
 */
public final class LaterException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Duration delay;

  /**
   * Looks again after a while.
   *
   * @param message how far the job is, for people
   */
  public LaterException(Duration delay, String message) {
    super(message);
    this.delay = delay;
  }

  /** When to look again. */
  public Duration delay() {
    return delay;
  }
}
