package dev.inkling.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What lies in a store and is needed by nobody. */
public final class Garbage {
  private static final String REMOVED = "removed";

  private final Path root;

  /** Looks into the store under a directory. */
  public Garbage(Path root) {
    this.root = root;
  }

  /**
   * Something that could be removed.
   *
   * @param kind an artifact, unfinished work, or a damaged artifact that was moved aside
   * @param bytes the size of its files
   */
  public record Item(Path directory, String kind, long bytes) {
    /** The key that it belongs to. */
    public String key() {
      String name = directory.getFileName().toString();
      return name.substring(0, Math.min(64, name.length()));
    }
  }

  /** Everything but what belongs to the keys. */
  public List<Item> besides(Set<String> needed) throws IOException {
    List<Item> items = new ArrayList<>();
    for (Path directory : Disk.entries(root.resolve("artifacts"))) {
      add(items, directory, "artifact", needed);
    }
    for (Path directory : Disk.entries(root.resolve("work"))) {
      add(items, directory, "unfinished", needed);
    }
    for (Path directory : Disk.entries(root.resolve("damaged"))) {
      add(items, directory, "damaged", Set.of());
    }
    return items;
  }

  private static void add(List<Item> items, Path directory, String kind, Set<String> needed)
      throws IOException {
    if (!needed.contains(directory.getFileName().toString())) {
      items.add(new Item(directory, kind, bytes(directory)));
    }
  }

  private static long bytes(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
    }
  }

  /**
   * Removes something: renamed out of the store first, so that it is there as a whole or not at all
   * whenever the process ends.
   */
  public void remove(Item item) throws IOException {
    Path removed = root.resolve(REMOVED).resolve(item.directory().getFileName());
    Files.createDirectories(removed.getParent());
    Disk.removeAll(removed);
    Disk.moveInto(item.directory(), removed);
    Disk.removeAll(removed);
  }

  /** Finishes removals that a crash has left half done. */
  void tidy() throws IOException {
    Disk.removeAll(root.resolve(REMOVED));
  }
}
