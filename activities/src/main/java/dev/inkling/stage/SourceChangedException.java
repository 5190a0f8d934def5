package dev.inkling.stage;

import java.nio.file.Path;

/** A file of the user's is no longer the one that was planned with. */
public final class SourceChangedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public SourceChangedException(Path file) {
    super(
        file
            + " has changed since the experiment was planned. Everything made from it before is"
            + " kept; type the same command again to run with the file as it is now.");
  }
}
