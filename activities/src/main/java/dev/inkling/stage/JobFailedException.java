package dev.inkling.stage;

/** A job at a provider failed, was cancelled there, or is gone; the message says what to do. */
public final class JobFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public JobFailedException(String message) {
    super(message);
  }
}
