package dev.inkling.stage;

/**
 * Training came to nothing and would come to nothing again: not a number, or no room for a single
 * row. The message says what is kept and what to change.
 */
public final class TrainingFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public TrainingFailedException(String message) {
    super(message);
  }
}
