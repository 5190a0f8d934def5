package dev.inkling.stage;

import java.nio.file.Path;

/** A file or directory of the user's is not the one that was planned with. */
public final class SourceChangedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public SourceChangedException(Path file) {
    super(
        file
            + " has changed since the experiment was planned, or is another one on this machine."
            + " Everything made from it before is kept; put back what was there, or type the same"
            + " command again to run with what is there now.");
  }
}
