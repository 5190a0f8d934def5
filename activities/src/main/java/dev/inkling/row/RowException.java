package dev.inkling.row;

/**
 * A file of rows that cannot be read; the message says which line is wrong, how, and what helps.
 */
public final class RowException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private static final String EXAMPLE =
      ". A row is one line that looks like {\"prompt\": \"…\", \"completion\": \"…\"} or"
          + " {\"messages\": [{\"role\": \"user\", \"content\": \"…\"},"
          + " {\"role\": \"assistant\", \"content\": \"…\"}]}";

  RowException(String file, long line, String problem) {
    super(file + ", line " + line + ": " + problem + EXAMPLE);
  }
}
