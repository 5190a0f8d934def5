package dev.inkling.model.hub;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where a model's files come from. */
public sealed interface ModelId {
  /** How an id of the Hub begins. */
  String PREFIX = "hf:";

  /**
   * A repository of the Hub at a revision.
   *
   * @param repository owner/name
   * @param revision a branch, a tag or a commit
   */
  record OnHub(String repository, String revision) implements ModelId {
    /** The branch that every repository has. */
    public static final String MAIN = "main";

    /** The Hub's own rule: at most 96 of these signs, none of . and - at an end. */
    private static final Pattern NAME =
        Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?");

    private static final Pattern REVISION =
        Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*");

    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    public OnHub {
      checkRepository(repository);
      if (!REVISION.matcher(revision).matches() || revision.contains("..")) {
        throw new IllegalArgumentException(
            "'"
                + revision
                + "' is no revision: a branch, a tag or the 40 hexadecimal digits of a commit,"
                + " for example hf:"
                + repository
                + "@main");
      }
    }

    /** Refuses what cannot be the name of a repository: it becomes part of paths and addresses. */
    static void checkRepository(String repository) {
      String[] parts = repository.split("/", -1);
      boolean fits =
          parts.length == 2
              && NAME.matcher(parts[0]).matches()
              && NAME.matcher(parts[1]).matches()
              && repository.length() <= 96
              && !repository.contains("--")
              && !repository.contains("..")
              && !repository.endsWith(".git");
      if (!fits) {
        throw new IllegalArgumentException(
            "'"
                + repository
                + "' is no repository of the Hub: it must be owner/name, for example"
                + " HuggingFaceTB/SmolLM2-135M-Instruct");
      }
    }

    /** Whether a text names a commit and nothing else. */
    static boolean isCommit(String text) {
      return COMMIT.matcher(text).matches();
    }

    /** Whether the revision can never mean something else. */
    public boolean pinned() {
      return isCommit(revision);
    }

    /** The same repository at a commit. */
    public OnHub at(String commit) {
      return new OnHub(repository, commit);
    }

    @Override
    public String toString() {
      return PREFIX + repository + (revision.equals(MAIN) ? "" : "@" + revision);
    }
  }

  /** A directory of this machine. */
  record Directory(Path path) implements ModelId {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /**
   * Reads {@code hf:owner/name[@revision]}, {@code ./directory}, {@code ../directory}, {@code
   * /directory} or {@code ~/directory}.
   *
   * @throws IllegalArgumentException if it is none of them; the message says what would be
   */
  static ModelId parse(String text) {
    if (text.startsWith(PREFIX)) {
      String id = text.substring(PREFIX.length());
      int at = id.indexOf('@');
      return at < 0
          ? new OnHub(id, OnHub.MAIN)
          : new OnHub(id.substring(0, at), id.substring(at + 1));
    }
    try {
      if (text.startsWith("~/")) {
        return new Directory(Path.of(System.getProperty("user.home"), text.substring(2)));
      }
      if (text.startsWith("/") || text.startsWith("./") || text.startsWith("../")) {
        return new Directory(Path.of(text));
      }
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "'" + e.getInput().replaceAll("\\p{Cntrl}", "?") + "' is no path of this machine", e);
    }
    String hint =
        text.matches("[\\w.-]+/[\\w.@-]+")
            ? "; did you mean hf:" + text + " or ./" + text + "?"
            : "";
    throw new IllegalArgumentException(
        "'"
            + text.replaceAll("\\p{Cntrl}", "?")
            + "' is no model: it must be hf:owner/name, hf:owner/name@revision, or a directory that"
            + " begins with /, ./ or ~/"
            + hint);
  }
}
