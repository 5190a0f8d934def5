package dev.inkling.artifact;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Locale;

/** The store cannot be read or written; the message says why and what to do. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean passing;

  public StoreException(String message, Throwable cause) {
    this(message, cause, false);
  }

  /**
   * A failure.
   *
   * @param passing whether it may pass by itself
   */
  StoreException(String message, Throwable cause, boolean passing) {
    super(message, cause);
    this.passing = passing;
  }

  /** Whether it may pass by itself, as when a server is away; then it helps to try again later. */
  public boolean passing() {
    return passing;
  }

  /** What an input or output error means for somebody whose experiment it stopped. */
  public static StoreException of(Path place, IOException e) {
    String reason =
        e instanceof FileSystemException f && f.getReason() != null
            ? f.getReason()
            : String.valueOf(e.getMessage());
    String low = reason.toLowerCase(Locale.ROOT);
    String kept = "Everything done so far is kept. ";
    if (low.contains("no space left") || low.contains("quota")) {
      return new StoreException(
          "The disk that holds "
              + place
              + " is full. "
              + kept
              + "Free some space (inkling artifacts list shows what is there) and run the same command again.",
          e);
    }
    if (low.contains("read-only")) {
      return new StoreException(
          place
              + " lies on a read-only file system. "
              + kept
              + "Make it writable, or set INKLING_HOME to a directory that is, and run the same command again.",
          e);
    }
    if (e instanceof AccessDeniedException || low.contains("permission denied")) {
      return new StoreException(
          "No permission to write "
              + place
              + ". "
              + kept
              + "Give this user the right to, or set INKLING_HOME to another directory, and run the same command again.",
          e);
    }
    String what = e instanceof NoSuchFileException ? "There is no file " + reason : reason;
    return new StoreException(
        "The store at " + place + " failed: " + what + ". " + kept + "Run the same command again.",
        e);
  }

  /** The same for errors that come unchecked. */
  public static StoreException of(Path place, ReadOnlyFileSystemException e) {
    return of(place, new IOException("read-only file system", e));
  }
}
