package dev.inkling.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Whole artifacts of a bucket on this machine: fetched once, and compared before each use. */
final class Copies {
  private final StoreRoot root;
  private final LocalStore here;
  private final Transfers transfers;

  Copies(StoreRoot root, LocalStore here, Transfers transfers) {
    this.root = root;
    this.here = here;
    this.transfers = transfers;
  }

  /**
   * Makes the copy of an artifact that which stands in the bucket.
   *
   * @param bytes those of its manifest
   * @return what is wrong with the artifact in the bucket, if anything is
   */
  Optional<String> bring(Manifest manifest, byte[] bytes) throws IOException {
    Path copy = root.published(manifest.key());
    if (is(manifest.key(), bytes) && transfers.attended(() -> Integrity.problem(copy)).isEmpty()) {
      return Optional.empty();
    }
    drop(manifest.key());
    return fetch(manifest, bytes);
  }

  private boolean is(String key, byte[] bytes) throws IOException {
    Path manifest = root.published(key).resolve(Manifest.FILE);
    return Files.isRegularFile(manifest) && Arrays.equals(Files.readAllBytes(manifest), bytes);
  }

  /** Removes a copy, if there is one; it is fetched when it is needed. */
  void drop(String key) throws IOException {
    if (Files.exists(root.published(key), LinkOption.NOFOLLOW_LINKS)) {
      here.garbage().remove(new Garbage.Item(key, Garbage.Kind.ARTIFACT, 0));
    }
  }

  private Optional<String> fetch(Manifest manifest, byte[] bytes) throws IOException {
    Path incoming = incoming();
    try {
      for (Map.Entry<String, Manifest.FileEntry> file : manifest.files().entrySet()) {
        Optional<String> problem =
            inside(incoming, file.getKey())
                ? fetch(manifest, file, incoming.resolve(file.getKey()))
                : Optional.of(file.getKey() + " lies outside of it");
        if (problem.isPresent()) {
          return problem;
        }
      }
      Disk.replace(incoming.resolve(Manifest.FILE), bytes);
      Files.createDirectories(root.artifacts());
      root.moveUnlessThere(incoming, root.published(manifest.key()));
      return Optional.empty();
    } finally {
      Disk.removeAll(incoming);
    }
  }

  /** Fetches every file of an artifact and keeps none; what is wrong, if anything is. */
  Optional<String> problem(Manifest manifest) throws IOException {
    Path incoming = incoming();
    try {
      for (Map.Entry<String, Manifest.FileEntry> file : manifest.files().entrySet()) {
        Optional<String> problem = fetch(manifest, file, incoming.resolve("file"));
        if (problem.isPresent()) {
          return problem;
        }
      }
      return Optional.empty();
    } finally {
      Disk.removeAll(incoming);
    }
  }

  private Optional<String> fetch(
      Manifest manifest, Map.Entry<String, Manifest.FileEntry> file, Path to) throws IOException {
    return transfers.fetchWhole(
        BucketNames.artifact(manifest.key()), file.getKey(), file.getValue(), to);
  }

  private Path incoming() throws IOException {
    return Files.createDirectories(
        root.directory().resolve("incoming").resolve(UUID.randomUUID().toString()));
  }

  /** Whether a name that a manifest says leads nowhere else than into a directory. */
  static boolean inside(Path directory, String name) {
    Path file = directory.resolve(name);
    return file.equals(file.normalize()) && file.startsWith(directory);
  }
}
