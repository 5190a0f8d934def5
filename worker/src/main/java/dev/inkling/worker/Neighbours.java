package dev.inkling.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The workers of one machine, one for each of its GPUs, which are idle together: whoever is at work
 * touches a file that they share. A machine whose idle workers had left one by one would still
 * count as having all of them, and stages would wait there for nobody.
 */
public final class Neighbours {
  /** Names the file; what starts the workers of a machine sets it. */
  static final String FILE = "INKLING_BUSY_FILE";

  /** It is looked once a second, and a stage may have come and gone since. */
  private static final Duration JUST_NOW = Duration.ofSeconds(2);

  private final Path file;
  private final LongSupplier nanoTime;
  private Optional<FileTime> touched = Optional.empty();

  /** When that was seen, by this process's own clock: the file's may be set. */
  private long seen;

  Neighbours(Path file, LongSupplier nanoTime) {
    this.file = file;
    this.nanoTime = nanoTime;
    this.seen = nanoTime.getAsLong();
  }

  /** Those that the environment tells of; none if it does not. */
  public static Optional<Neighbours> of(Map<String, String> environment) {
    return Optional.of(environment.getOrDefault(FILE, ""))
        .filter(name -> !name.isBlank())
        .map(name -> new Neighbours(Path.of(name), System::nanoTime));
  }

  /**
   * How long none of them has been at work.
   *
   * @param own how long this one has not; zero while it is
   */
  public Duration idle(Duration own) {
    try {
      if (own.compareTo(JUST_NOW) < 0) {
        touch();
      }
      Optional<FileTime> now = Optional.of(Files.getLastModifiedTime(file));
      if (!now.equals(touched)) {
        touched = now;
        seen = nanoTime.getAsLong();
      }
    } catch (IOException e) {
      return own; // the file is gone: each for itself, so that none stays for ever
    }
    Duration all = Duration.ofNanos(nanoTime.getAsLong() - seen);
    return own.compareTo(all) < 0 ? own : all;
  }

  private void touch() throws IOException {
    if (!Files.exists(file)) {
      Files.write(file, new byte[0]);
    }
    Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
  }
}
