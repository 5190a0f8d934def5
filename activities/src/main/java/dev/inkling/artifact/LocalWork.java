package dev.inkling.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inkling.crash.CrashPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The work on one artifact in a directory of its own, which goes when it is published. */
final class LocalWork implements Store.Work {
  /** How the directory of one attempt begins; its token follows. */
  static final String ATTEMPT = "attempt-";

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final StoreRoot root;
  private final String key;
  private final Path directory;
  private final Claim claim;
  private final Claim.Entry entry;
  private final Duration lost;
  private final Clock clock;
  private final Map<String, String> versions;
  private final Runnable alive;
  private boolean done;

  /**
   * The work of the attempt that took a claim.
   *
   * @param versions written into the manifest
   * @param alive called while many bytes are read
   */
  LocalWork(
      StoreRoot root,
      String key,
      Claim claim,
      Claim.Taken taken,
      Clock clock,
      Map<String, String> versions,
      Runnable alive) {
    this.root = root;
    this.key = key;
    this.directory = root.working(key);
    this.clock = clock;
    this.versions = versions;
    this.alive = alive;
    this.claim = claim;
    this.entry = taken.entry();
    this.lost = taken.lost();
  }

  @Override
  public Path scratch() {
    return directory;
  }

  @Override
  public Path output() {
    return own("output");
  }

  @Override
  public Path draft(String name) {
    return own(name);
  }

  private Path own(String name) {
    return directory.resolve(ATTEMPT + entry.token()).resolve(name);
  }

  @Override
  public void keep(String name) {
    root.io(
        () -> {
          CrashPoint.CHECKPOINT_WRITTEN.reached();
          claim.keep(
              entry.token(),
              held -> {
                Disk.moveInto(draft(name), directory.resolve(name));
                return held;
              });
          CrashPoint.CHECKPOINT_KEPT.reached();
          return key;
        });
  }

  @Override
  public int attempt() {
    return entry.attempts();
  }

  @Override
  public Duration lost() {
    return lost;
  }

  @Override
  public void renew() {
    root.io(
        () -> {
          claim.renew(entry.token());
          return key;
        });
  }

  @Override
  public Artifact publish(JsonNode identity, String name, String summary, double seconds) {
    return commit(prepare(identity, name, summary, seconds, attempt(), this::breathe));
  }

  /** While many bytes are read: says that this attempt and the caller are alive. */
  private void breathe() {
    renew();
    alive.run();
  }

  /**
   * Forces the files in {@link #output} to the disk and writes the manifest among them.
   *
   * @param breathe called while that takes long
   */
  Manifest prepare(
      JsonNode identity,
      String name,
      String summary,
      double seconds,
      int attempts,
      Runnable breathe) {
    return root.io(
        () -> {
          CrashPoint.OUTPUT_WRITTEN.reached();
          long started = System.nanoTime();
          Map<String, Manifest.FileEntry> files = Attended.call(breathe, this::hashed);
          CrashPoint.OUTPUT_FORCED.reached();
          Manifest.Made made =
              new Manifest.Made(
                  clock.instant().toString(),
                  seconds + (System.nanoTime() - started) / 1e9,
                  attempts,
                  versions);
          Manifest manifest = new Manifest(key, identity, name, summary, files, made);
          Disk.replace(
              output().resolve(Manifest.FILE),
              JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
          CrashPoint.MANIFEST_WRITTEN.reached();
          return manifest;
        });
  }

  private Map<String, Manifest.FileEntry> hashed() throws IOException {
    Map<String, Manifest.FileEntry> files = new LinkedHashMap<>();
    for (Map.Entry<String, Path> file : Disk.files(output()).entrySet()) {
      files.put(
          file.getKey(),
          new Manifest.FileEntry(Files.size(file.getValue()), Disk.sha256(file.getValue())));
    }
    return files;
  }

  /** Moves what was prepared to its place, and removes the work directory. */
  Artifact commit(Manifest manifest) {
    return root.io(
        () -> {
          Files.createDirectories(root.published(key).getParent());
          claim.whileHeld(
              entry.token(),
              held -> {
                root.moveUnlessThere(output(), root.published(key));
                return held;
              });
          CrashPoint.PUBLISHED.reached();
          remove();
          return new Artifact(manifest, root.published(key));
        });
  }

  /** Removes the work directory: nobody will go on with it. */
  void remove() throws IOException {
    Disk.removeAll(directory);
    done = true;
  }

  @Override
  public void close() {
    if (!done) {
      root.io(
          () -> {
            if (Files.isDirectory(directory)) {
              claim.release(entry.token());
            }
            return key;
          });
    }
  }
}
