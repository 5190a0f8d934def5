package dev.inkling.artifact;

import dev.inkling.plan.Keys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Manifests and single files of artifacts in a bucket, kept on this machine once they were asked
 * for: lists and tables read the same ones again and again.
 */
final class Looks {
  private static final Logger log = LoggerFactory.getLogger(Looks.class);
  private static final int DIGITS = 16;

  private final Bucket bucket;
  private final StoreRoot root;
  private final Runnable alive;

  Looks(Bucket bucket, StoreRoot root, Runnable alive) {
    this.bucket = bucket;
    this.root = root;
    this.alive = alive;
  }

  private Path directory() {
    return root.directory().resolve("looks");
  }

  /** The artifact whose manifest that is; each of its files is fetched when it is asked for. */
  Optional<Artifact> artifact(String key, Bucket.Stored stored) {
    return manifest(key, stored.bytes())
        .map(
            manifest -> {
              Path place = place(key, stored.bytes());
              return new Artifact(manifest, place, name -> file(manifest, place, name));
            });
  }

  private Path place(String key, byte[] manifest) {
    return root.io(
        () -> {
          Path whole = root.published(key).resolve(Manifest.FILE);
          if (Files.isRegularFile(whole) && Arrays.equals(Files.readAllBytes(whole), manifest)) {
            return whole.getParent();
          }
          Path place = directory().resolve("artifacts").resolve(key + "-" + hash(manifest));
          if (!Files.exists(place.resolve(Manifest.FILE))) {
            Files.createDirectories(place);
            write(manifest, place.resolve(Manifest.FILE));
          }
          return place;
        });
  }

  private Path file(Manifest manifest, Path place, String name) {
    Path file = place.resolve(name);
    if (Files.exists(file)) {
      return file;
    }
    return root.io(
        () -> {
          if (!Copies.inside(place, name)) {
            throw new IOException(name + " lies outside of artifact " + manifest.key());
          }
          Path draft = directory().resolve("draft-" + UUID.randomUUID());
          try {
            Optional<String> problem =
                new Transfers(bucket, alive)
                    .fetchWhole(
                        BucketNames.artifact(manifest.key()),
                        name,
                        manifest.files().get(name),
                        draft);
            if (problem.isPresent()) {
              throw new IOException(
                  problem.get() + " (artifact " + manifest.key() + " in " + bucket.place() + ")");
            }
            Files.createDirectories(file.getParent());
            Disk.moveInto(draft, file);
          } finally {
            Files.deleteIfExists(draft);
          }
          return file;
        });
  }

  /** The manifest that a listing names; read from the bucket when it is new here. */
  Optional<Manifest> manifest(String key, Bucket.Listed object) {
    return root.io(
        () -> {
          byte[] etag = object.etag().getBytes(StandardCharsets.UTF_8);
          Path kept = directory().resolve("manifests").resolve(key + "-" + hash(etag) + ".json");
          if (Files.exists(kept)) {
            Optional<Manifest> manifest = manifest(key, Files.readAllBytes(kept));
            if (manifest.isPresent()) {
              return manifest;
            }
          }
          Optional<Bucket.Stored> stored = bucket.read(object.name());
          if (stored.isEmpty()) {
            return Optional.empty(); // removed since it was listed
          }
          Files.createDirectories(kept.getParent());
          write(stored.get().bytes(), kept);
          return manifest(key, stored.get().bytes());
        });
  }

  /** A manifest, if those bytes are that artifact's. */
  static Optional<Manifest> manifest(String key, byte[] bytes) {
    try {
      Manifest manifest = Integrity.manifest(bytes);
      if (manifest.key().equals(key)) {
        return Optional.of(manifest);
      }
      log.warn("{} holds another artifact's manifest", key);
    } catch (IOException e) {
      log.warn("The manifest of {} cannot be read: {}", key, e.getMessage());
    }
    return Optional.empty();
  }

  /** Several processes may write the same at once. */
  private void write(byte[] bytes, Path to) throws IOException {
    Path draft = directory().resolve("draft-" + UUID.randomUUID());
    Files.write(draft, bytes);
    Disk.moveInto(draft, to);
  }

  private static String hash(byte[] bytes) {
    return Keys.sha256(bytes).substring(0, DIGITS);
  }

  /** Removes what was looked at long ago. */
  void tidy(Instant before) throws IOException {
    for (Path folder : Disk.entries(directory())) {
      for (Path old :
          Files.isDirectory(folder) ? Disk.entries(folder) : java.util.List.of(folder)) {
        if (Files.getLastModifiedTime(old).toInstant().isBefore(before)) {
          Disk.removeAll(old);
        }
      }
    }
  }
}
