package dev.inkling.model.hosted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Keys and addresses of providers: from the environment, and where that says nothing from a file of
 * {@code NAME=value} lines. They stay in this object: it prints none of them, and {@link #scrub}
 * takes them out of what others print.
 */
public final class Credentials {
  /** Where the file lies in INKLING_HOME. */
  public static final String FILE = ".env";

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Shorter values are words like "none" that may stand anywhere. */
  private static final int SHORTEST_SECRET = 8;

  /**
   * What looks like a key, or like a key of which a provider shows a part: sk-ab***yz. A word of
   * prose has a separator too, hence the digit or star that must follow.
   */
  private static final Pattern KEY_LIKE =
      Pattern.compile(
          "\\b(?:sk|pk|rk|gsk|xai|hf|tgp|fw|nvapi|r8|key)[-_](?=[A-Za-z_-]*[0-9*])[A-Za-z0-9_*.-]{3,}[A-Za-z0-9_*-]"
              + "|(?i:bearer)\\s+[A-Za-z0-9_*.~+/=-]{8,}"
              + "|[A-Za-z0-9_-]*\\*{3,}[A-Za-z0-9_*-]*");

  private final Map<String, String> values;
  private final List<String> secrets;

  private Credentials(Map<String, String> values) {
    this.values = Map.copyOf(values);
    this.secrets =
        values.entrySet().stream()
            .filter(e -> secret(e.getKey()) && e.getValue().length() >= SHORTEST_SECRET)
            .map(Map.Entry::getValue)
            // A key that begins with another must go first, or its end would stay.
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
  }

  private static boolean secret(String name) {
    return name.endsWith("_KEY")
        || name.endsWith("_TOKEN")
        || name.endsWith("_SECRET")
        || name.endsWith("_PASSWORD");
  }

  /** What the environment says. */
  public static Credentials of(Map<String, String> environment) {
    return new Credentials(environment);
  }

  /**
   * What the environment says, and for what it does not name the file, if there is one. Lines are
   * {@code NAME=value}, with or without {@code export} and quotes; {@code #} begins a comment.
   *
   * @throws IOException if the file cannot be read, has another line, or can be read by every user
   *     of the machine; the message says what to type
   */
  public static Credentials of(Map<String, String> environment, Path file) throws IOException {
    if (!Files.exists(file)) {
      return of(environment);
    }
    if (worldReadable(file)) {
      throw new IOException(
          file + " holds keys, and every user may read it. Run: chmod 600 " + file);
    }
    Map<String, String> values = new HashMap<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String pair = line.startsWith("export ") ? line.substring(7).strip() : line;
      int equals = pair.indexOf('=');
      if (equals < 0 || !NAME.matcher(pair.substring(0, equals)).matches()) {
        // The line itself may be a key: it is not shown.
        throw new IOException(
            file + ", line " + (i + 1) + ", is not NAME=value, for example OPENAI_API_KEY=…");
      }
      values.put(pair.substring(0, equals), unquoted(pair.substring(equals + 1).strip()));
    }
    environment.forEach((name, value) -> values.merge(name, value, Credentials::stronger));
    return new Credentials(values);
  }

  /** An empty variable says nothing. */
  private static String stronger(String file, String environment) {
    return environment.isBlank() ? file : environment;
  }

  private static boolean worldReadable(Path file) throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return false;
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    return permissions.contains(PosixFilePermission.OTHERS_READ);
  }

  private static String unquoted(String value) {
    boolean quoted =
        value.length() >= 2
            && (value.startsWith("\"") || value.startsWith("'"))
            && value.endsWith(value.substring(0, 1));
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  /** The value of a name; empty if it is missing or blank. */
  public Optional<String> get(String name) {
    return Optional.ofNullable(values.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  /** A text without our keys and without anything that looks like one. */
  public String scrub(String text) {
    String scrubbed = text;
    for (String secret : secrets) {
      scrubbed = scrubbed.replace(secret, "[key]");
    }
    return KEY_LIKE.matcher(scrubbed).replaceAll("[key]");
  }

  /** The names only. */
  @Override
  public String toString() {
    List<String> names = new ArrayList<>(values.keySet());
    names.removeIf(name -> !secret(name));
    return "Credentials" + names.stream().sorted().toList();
  }
}
