package dev.inkling.model;

import java.time.Duration;
import java.util.Optional;

/** There is no answer. The message says what the provider said, never a key. */
public final class ModelException extends Exception {
  private static final long serialVersionUID = 1;

  /** Why there is none. */
  public enum Reason {
    /** No key, or one that the provider does not accept. */
    MISSING_CREDENTIAL(false),
    /** The provider will not: bad request, unknown model, model shut down, no quota. */
    REFUSED(false),
    /** Too many requests or tokens at once. */
    RATE_LIMITED(true),
    /**
     * The provider or the way there does not work: 5xx, time-out, reset, no sense in the answer.
     */
    UNAVAILABLE(true);

    private final boolean passing;

    Reason(boolean passing) {
      this.passing = passing;
    }

    /** Whether asking again later can help. */
    public boolean passing() {
      return passing;
    }
  }

  private final Reason reason;
  private final transient Optional<Duration> retryAfter;

  public ModelException(
      Reason reason, String message, Optional<Duration> retryAfter, Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }

  public ModelException(Reason reason, String message, Optional<Duration> retryAfter) {
    super(message);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }

  public ModelException(Reason reason, String message) {
    this(reason, message, Optional.empty());
  }

  /** Why there is no answer. */
  public Reason reason() {
    return reason;
  }

  /** How long the provider asks to wait, if it says so. */
  public Optional<Duration> retryAfter() {
    return retryAfter == null ? Optional.empty() : retryAfter;
  }
}
