package dev.inkling.artifact;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What lies in a store and is needed by nobody. */
public interface Garbage {
  /** What something is. */
  enum Kind {
    /** A published artifact. */
    ARTIFACT,
    /** Work that nobody has published. */
    UNFINISHED,
    /** An artifact that did not match its manifest and was moved aside. */
    DAMAGED;

    /** In one word. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Something that could be removed.
   *
   * @param name its name in the store; begins with the key that it belongs to
   * @param bytes the size of its files
   */
  record Item(String name, Kind kind, long bytes) {
    /** The key that it belongs to. */
    public String key() {
      return name.substring(0, Math.min(64, name.length()));
    }
  }

  /** Everything but what belongs to the keys. */
  List<Item> besides(Set<String> needed) throws IOException;

  /** Removes something; it is there as a whole or not at all whenever the process ends. */
  void remove(Item item) throws IOException;
}
