package dev.inkling.spec;

/**
 * One thing that is wrong with a spec.
 *
 * @param path where, as in {@code datasets.noise.rows} or {@code seeds[2]}; empty for the whole
 *     document
 * @param message what, for people
 */
public record Problem(String path, String message) {
  private static final int LONGEST = 1000;

  public Problem {
    path = readable(path);
    message = readable(message);
  }

  /** What somebody wrote may hold anything; on a terminal it must not do anything. */
  private static String readable(String text) {
    StringBuilder readable = new StringBuilder();
    cut(text)
        .codePoints()
        .forEach(
            c -> {
              if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                readable.append(String.format("\\u%04x", c));
              } else {
                readable.appendCodePoint(c);
              }
            });
    return readable.toString();
  }

  /** The beginning says where, the end says what: what is quoted between them may be long. */
  private static String cut(String text) {
    return text.length() <= LONGEST
        ? text
        : text.substring(0, LONGEST / 2) + "…" + text.substring(text.length() - LONGEST / 2);
  }

  @Override
  public String toString() {
    return path.isEmpty() ? message : path + ": " + message;
  }
}
