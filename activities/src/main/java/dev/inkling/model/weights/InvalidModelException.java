package dev.inkling.model.weights;

/**
 * A model directory cannot be used, or not for this conversation. The message says which file is
 * wrong in what way and what to do about it.
 */
public final class InvalidModelException extends Exception {
  private static final long serialVersionUID = 1;

  public InvalidModelException(String message) {
    super(message);
  }

  public InvalidModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
