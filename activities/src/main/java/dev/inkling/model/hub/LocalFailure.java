package dev.inkling.model.hub;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;

/** This machine's disk, in words. */
final class LocalFailure {
  private LocalFailure() {}

  /** What an error of the disk means for somebody who waits for a model. */
  static HubException of(IOException e, Path place) {
    String reason =
        e instanceof FileSystemException f && f.getReason() != null
            ? f.getReason()
            : String.valueOf(e.getMessage());
    String low = reason.toLowerCase(Locale.ROOT);
    String what =
        low.contains("no space left") || low.contains("quota")
            ? "The disk that holds " + place + " is full."
            : "Nothing can be written to or read from " + place + ": " + e.getMessage() + ".";
    return new HubException(
        HubException.Reason.DISK,
        what
            + " What was downloaded is kept. Make room, or set HF_HOME to a directory on another"
            + " disk, and try again.",
        e);
  }

  /** There is less room than a file needs. */
  static HubException room(Path place, long needed, long free) {
    return new HubException(
        HubException.Reason.DISK,
        String.format(
            Locale.ROOT,
            "%s needs %.1f GB more, and its disk has %.1f GB left. Make room, or set HF_HOME to a"
                + " directory on another disk, and try again. What was downloaded is kept.",
            place,
            needed / 1e9,
            free / 1e9));
  }
}
