package dev.inkling.model.hosted;

import java.util.Optional;

/**
 * A file at a provider.
 *
 * @param id the provider's name for it
 * @param name our name for it
 * @param details why it could not be processed, where the provider says so
 */
public record StoredFile(
    String id, String name, long bytes, Status status, Optional<String> details) {
  /** Whether it can be used. */
  public enum Status {
    /** Not yet, as far as one knows. */
    UPLOADED,
    /** It can. */
    PROCESSED,
    /** It never can. */
    ERROR;

    /** A status that nobody has heard of is waited for, as the first one is. */
    static Status of(String word) {
      return switch (word) {
        case "processed" -> PROCESSED;
        // The last two: another server's words, and a file that has been deleted there.
        case "error", "failed", "expired", "deleted" -> ERROR;
        default -> UPLOADED;
      };
    }
  }
}
