package dev.inkling.model.hub;

import java.time.Duration;
import java.util.Optional;

/** One attempt came to nothing, and another one may not: too many requests, 5xx, a reset. */
final class PassingException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Optional<Duration> retryAfter;

  PassingException(String message, Optional<Duration> retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  PassingException(String message, Throwable cause) {
    super(message, cause);
    this.retryAfter = Optional.empty();
  }

  /** How long the server asks to wait, if it says so. */
  Optional<Duration> retryAfter() {
    return retryAfter == null ? Optional.empty() : retryAfter;
  }
}
