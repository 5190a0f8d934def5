package dev.inkling.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A repository of the fake: commits, each a whole set of files. Not safe for threads. */
public final class Repository {
  /**
   * A file.
   *
   * @param large whether its content is in the storage and git has a pointer only
   */
  public record Content(byte[] bytes, boolean large) {
    public String sha256() {
      return hash("SHA-256", bytes);
    }

    /** As git names what it stores. */
    public String blob() {
      byte[] stored =
          large
              ? ("version https://git-lfs.github.com/spec/v1\noid sha256:"
                      + sha256()
                      + "\nsize "
                      + bytes.length
                      + "\n")
                  .getBytes(UTF_8)
              : bytes;
      byte[] head = ("blob " + stored.length + "\0").getBytes(UTF_8);
      byte[] all = new byte[head.length + stored.length];
      System.arraycopy(head, 0, all, 0, head.length);
      System.arraycopy(stored, 0, all, head.length, stored.length);
      return hash("SHA-1", all);
    }
  }

  /** All files at one moment. */
  public record Commit(String id, String summary, Map<String, Content> files) {}

  private final String name;
  private final List<Commit> commits = new ArrayList<>();
  private boolean hidden;
  private boolean gated;
  private Optional<String> movedFrom = Optional.empty();

  Repository(String name) {
    this.name = name;
    commits.add(new Commit(hash("SHA-1", name.getBytes(UTF_8)), "initial commit", Map.of()));
  }

  static String hash(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java has " + algorithm, e);
    }
  }

  String name() {
    return name;
  }

  /** Only who has a token sees it. */
  public Repository hide() {
    hidden = true;
    return this;
  }

  boolean hidden() {
    return hidden;
  }

  /** Only accounts that may can download its files. */
  public Repository gate() {
    gated = true;
    return this;
  }

  boolean gated() {
    return gated;
  }

  /** It had another name before, which leads here. */
  public Repository movedFrom(String old) {
    movedFrom = Optional.of(old);
    return this;
  }

  Optional<String> movedFrom() {
    return movedFrom;
  }

  /** A new commit with these files beside those that were there; its id. */
  public String commit(String summary, Map<String, Content> more) {
    Map<String, Content> files = new TreeMap<>(head().files());
    files.putAll(more);
    StringBuilder text = new StringBuilder(head().id()).append(summary);
    files.forEach((path, content) -> text.append(path).append(content.blob()));
    String id = hash("SHA-1", text.toString().getBytes(UTF_8));
    commits.add(new Commit(id, summary, files));
    return id;
  }

  /** A commit with one more text file; its id. */
  public String add(String path, String text) {
    return commit("add " + path, Map.of(path, new Content(text.getBytes(UTF_8), false)));
  }

  /** A commit with one more large file; its id. */
  public String addLarge(String path, byte[] bytes) {
    return commit("add " + path, Map.of(path, new Content(bytes, true)));
  }

  /** The newest commit. */
  public Commit head() {
    return commits.getLast();
  }

  /** Every commit, the first one, which is empty, included. */
  public List<Commit> commits() {
    return List.copyOf(commits);
  }

  Optional<Commit> at(String revision) {
    return revision.equals("main")
        ? Optional.of(head())
        : commits.stream().filter(c -> c.id().equals(revision)).findFirst();
  }
}
