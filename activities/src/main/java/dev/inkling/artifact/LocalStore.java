package dev.inkling.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inkling.crash.CrashPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Artifacts in a directory: {@code artifacts/<key>/} is published and never changes, {@code
 * work/<key>/} is in the making, {@code damaged/} keeps what no longer matched its manifest.
 */
public final class LocalStore implements Store {
  private static final Logger log = LoggerFactory.getLogger(LocalStore.class);
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private static final String ATTEMPT = "attempt-";

  private final Path root;
  private final Clock clock;
  private final Map<String, String> versions;

  /**
   * A store under a directory, which is made when something is written.
   *
   * @param versions written into every manifest
   */
  public LocalStore(Path root, Clock clock, Map<String, String> versions) {
    this.root = root;
    this.clock = clock;
    this.versions = Map.copyOf(versions);
  }

  private Path published(String key) {
    return root.resolve("artifacts").resolve(checked(key));
  }

  private Path working(String key) {
    return root.resolve("work").resolve(checked(key));
  }

  private static String checked(String key) {
    if (!key.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("'" + key + "' is no key: 64 hexadecimal digits");
    }
    return key;
  }

  @Override
  public Optional<Artifact> find(String key) {
    Path directory = published(key);
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    Optional<String> problem = Integrity.problem(directory);
    if (problem.isPresent()) {
      setAside(key, directory, problem.get());
      return Optional.empty();
    }
    return io(() -> Optional.of(new Artifact(Integrity.manifest(directory), directory)));
  }

  private void setAside(String key, Path directory, String problem) {
    Path aside = root.resolve("damaged").resolve(key + "-" + clock.millis());
    log.warn(
        "Artifact {} is damaged ({}); moved to {}, and made again when it is needed",
        key,
        problem,
        aside);
    io(
        () -> {
          Files.createDirectories(aside.getParent());
          Disk.moveInto(directory, aside);
          return aside;
        });
  }

  @Override
  public Optional<Work> claim(String key, String owner) {
    return io(
        () -> {
          Path directory = working(key);
          removeLinks(directory);
          Files.createDirectories(directory);
          Claim claim = new Claim(directory, clock);
          Optional<Claim.Taken> taken = claim.take(owner);
          if (taken.isEmpty()) {
            return Optional.empty();
          }
          // What earlier attempts did not finish is of no use, and one that still writes must not
          // write into this one's.
          for (Path other : Disk.entries(directory)) {
            if (other.getFileName().toString().startsWith(ATTEMPT)) {
              Disk.removeAll(other);
            }
          }
          LocalWork work = new LocalWork(key, directory, claim, taken.get());
          Files.createDirectories(work.output());
          return Optional.of(work);
        });
  }

  /** Work in progress is made here; what a link leads to was made by somebody else. */
  private static void removeLinks(Path directory) throws IOException {
    if (Files.isSymbolicLink(directory)) {
      Files.delete(directory);
    }
    for (Path entry : Disk.entries(directory)) {
      if (Files.isSymbolicLink(entry)) {
        Files.delete(entry);
      }
    }
  }

  @Override
  public List<Manifest> list() {
    List<Manifest> manifests = new ArrayList<>();
    for (Path directory : io(() -> Disk.entries(root.resolve("artifacts")))) {
      try {
        if (!Integrity.regular(directory, Manifest.FILE)) {
          log.warn("{} has no manifest of its own", directory.getFileName());
          continue;
        }
        Manifest manifest = Integrity.manifest(directory);
        if (manifest.key().equals(directory.getFileName().toString())) {
          manifests.add(manifest);
        } else {
          log.warn("{} holds another artifact's manifest", directory.getFileName());
        }
      } catch (IOException e) {
        log.warn("The manifest of {} cannot be read: {}", directory.getFileName(), e.getMessage());
      }
    }
    manifests.sort(Comparator.comparing((Manifest m) -> m.made().at()).reversed());
    return manifests;
  }

  @Override
  public List<Finding> verify() {
    List<Finding> findings = new ArrayList<>();
    for (Path directory : io(() -> Disk.entries(root.resolve("artifacts")))) {
      Integrity.problem(directory)
          .ifPresent(p -> findings.add(new Finding(directory.getFileName().toString(), p)));
    }
    return findings;
  }

  /** Removes what a crash between publishing and tidying up has left. */
  public void tidy() {
    io(
        () -> {
          new Garbage(root).tidy();
          for (Path directory : Disk.entries(root.resolve("work"))) {
            if (Files.isDirectory(root.resolve("artifacts").resolve(directory.getFileName()))) {
              Disk.removeAll(directory);
            }
          }
          return root;
        });
  }

  /** Input and output whose failures become messages for people. */
  private <T> T io(IoCall<T> call) {
    try {
      return call.run();
    } catch (IOException e) {
      throw StoreException.of(root, e);
    } catch (ReadOnlyFileSystemException e) {
      throw StoreException.of(root, e);
    }
  }

  private interface IoCall<T> {
    T run() throws IOException;
  }

  private final class LocalWork implements Work {
    private final String key;
    private final Path directory;
    private final Claim claim;
    private final Claim.Entry entry;
    private final Duration lost;
    private boolean done;

    LocalWork(String key, Path directory, Claim claim, Claim.Taken taken) {
      this.key = key;
      this.directory = directory;
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
      io(
          () -> {
            CrashPoint.CHECKPOINT_WRITTEN.reached();
            claim.keep(entry.token(), () -> Disk.moveInto(draft(name), directory.resolve(name)));
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
      io(
          () -> {
            claim.renew(entry.token());
            return key;
          });
    }

    @Override
    public Artifact publish(JsonNode identity, String name, String summary, double seconds) {
      return io(
          () -> {
            CrashPoint.OUTPUT_WRITTEN.reached();
            long started = System.nanoTime();
            Map<String, Manifest.FileEntry> files = new LinkedHashMap<>();
            for (Map.Entry<String, Path> file : Disk.files(output()).entrySet()) {
              files.put(
                  file.getKey(),
                  new Manifest.FileEntry(
                      Files.size(file.getValue()), Disk.sha256(file.getValue())));
            }
            CrashPoint.OUTPUT_FORCED.reached();
            Manifest.Made made =
                new Manifest.Made(
                    clock.instant().toString(),
                    seconds + (System.nanoTime() - started) / 1e9,
                    attempt(),
                    versions);
            Manifest manifest = new Manifest(key, identity, name, summary, files, made);
            Disk.replace(
                output().resolve(Manifest.FILE),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
            CrashPoint.MANIFEST_WRITTEN.reached();
            Files.createDirectories(published(key).getParent());
            claim.whileHeld(entry.token(), () -> moveUnlessThere(published(key)));
            CrashPoint.PUBLISHED.reached();
            Disk.removeAll(directory);
            done = true;
            return new Artifact(manifest, published(key));
          });
    }

    /**
     * Two owners may finish the same artifact one after the other; the bytes are the same, and the
     * first one stays.
     */
    private void moveUnlessThere(Path target) throws IOException {
      if (!Files.exists(target)) {
        Disk.moveInto(output(), target);
      }
    }

    @Override
    public void close() {
      if (!done) {
        io(
            () -> {
              if (Files.isDirectory(directory)) {
                claim.release(entry.token());
              }
              return key;
            });
      }
    }
  }
}
