package dev.inkling.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What lies in a store on a file system and is needed by nobody. */
final class LocalGarbage implements Garbage {
  private static final String REMOVED = "removed";
  private static final Map<Kind, String> FOLDERS =
      Map.of(Kind.ARTIFACT, "artifacts", Kind.UNFINISHED, "work", Kind.DAMAGED, "damaged");

  private final Path root;

  /** Looks into the store under a directory. */
  LocalGarbage(Path root) {
    this.root = root;
  }

  @Override
  public List<Item> besides(Set<String> needed) throws IOException {
    List<Item> items = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (Path directory : Disk.entries(root.resolve(FOLDERS.get(kind)))) {
        add(items, directory, kind, kind == Kind.DAMAGED ? Set.of() : needed);
      }
    }
    return items;
  }

  private static void add(List<Item> items, Path directory, Kind kind, Set<String> needed)
      throws IOException {
    if (!needed.contains(directory.getFileName().toString())) {
      items.add(new Item(directory.getFileName().toString(), kind, bytes(directory)));
    }
  }

  private static long bytes(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
    }
  }

  /** Renamed out of the store first. */
  @Override
  public void remove(Item item) throws IOException {
    Path directory = root.resolve(FOLDERS.get(item.kind())).resolve(item.name());
    Path removed = root.resolve(REMOVED).resolve(item.name());
    Files.createDirectories(removed.getParent());
    Disk.removeAll(removed);
    Disk.moveInto(directory, removed);
    Disk.removeAll(removed);
  }

  /** Finishes removals that a crash has left half done. */
  void tidy() throws IOException {
    Disk.removeAll(root.resolve(REMOVED));
  }
}
