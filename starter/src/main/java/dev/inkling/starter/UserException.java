package dev.inkling.starter;

/** A message for the user, without a stack trace, and the exit code that goes with it. */
final class UserException extends Exception {
  private static final long serialVersionUID = 1;

  private final int exitCode;

  UserException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
