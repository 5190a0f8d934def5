package dev.inkling.stage;

/**
 * The stage must stop: it was cancelled or paused, its worker ends, or another attempt has replaced
 * it.
 */
public final class StopRequestedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StopRequestedException(Throwable cause) {
    super("the stage was asked to stop", cause);
  }
}
