package dev.inkling.artifact;

import dev.inkling.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Artifacts in a directory: {@code artifacts/<key>/} is published and never changes, {@code
 * work/<key>/} is in the making, {@code damaged/} keeps what no longer matched its manifest, {@code
 * experiments/} the plans.
 */
public final class LocalStore implements Store {
  private static final Logger log = LoggerFactory.getLogger(LocalStore.class);

  private final StoreRoot root;
  private final KeptPlans plans;
  private final Clock clock;
  private final Map<String, String> versions;
  private final Sightings seen;
  private final Runnable alive;

  /**
   * A store under a directory, which is made when something is written.
   *
   * @param versions written into every manifest
   */
  public LocalStore(Path root, Clock clock, Map<String, String> versions) {
    this(new StoreRoot(root), clock, Map.copyOf(versions), new Sightings(), () -> {});
  }

  LocalStore(
      StoreRoot root, Clock clock, Map<String, String> versions, Sightings seen, Runnable alive) {
    this.root = root;
    this.plans = new KeptPlans(root.experiments());
    this.clock = clock;
    this.versions = versions;
    this.seen = seen;
    this.alive = alive;
  }

  @Override
  public LocalStore telling(Runnable listener) {
    return new LocalStore(root, clock, versions, seen, listener);
  }

  @Override
  public Optional<Artifact> find(String key) {
    Path directory = root.published(key);
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    Optional<String> problem =
        root.io(() -> Attended.call(alive, () -> Integrity.problem(directory)));
    if (problem.isPresent()) {
      setAside(key, directory, problem.get());
      return Optional.empty();
    }
    return root.io(() -> Optional.of(new Artifact(Integrity.manifest(directory), directory)));
  }

  @Override
  public Optional<Manifest> published(String key) {
    return find(key).map(Artifact::manifest);
  }

  @Override
  public Optional<Artifact> look(String key) {
    Path directory = root.published(key);
    try {
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
          || !Integrity.regular(directory, Manifest.FILE)) {
        return Optional.empty();
      }
      Manifest manifest = Integrity.manifest(directory);
      return manifest.key().equals(key)
          ? Optional.of(new Artifact(manifest, directory))
          : Optional.empty();
    } catch (IOException e) {
      log.warn("The manifest of {} cannot be read: {}", directory.getFileName(), e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void remember(Plan plan) {
    root.io(
        () -> {
          plans.keep(plan);
          return plan;
        });
  }

  @Override
  public Optional<Plan> plan(String experiment) {
    return root.io(() -> plans.find(experiment));
  }

  @Override
  public List<String> planned() {
    return root.io(plans::ids);
  }

  @Override
  public void forget(String experiment) {
    root.io(() -> plans.drop(experiment));
  }

  private void setAside(String key, Path directory, String problem) {
    Path aside = root.damaged().resolve(key + "-" + clock.millis());
    log.warn(
        "Artifact {} is damaged ({}); moved to {}, and made again when it is needed",
        key,
        problem,
        aside);
    root.io(
        () -> {
          Files.createDirectories(aside.getParent());
          Disk.moveInto(directory, aside);
          return aside;
        });
  }

  @Override
  public Optional<Work> claim(String key, String owner) {
    return work(key, owner).map(work -> work);
  }

  /** The same, for who publishes elsewhere too. */
  Optional<LocalWork> work(String key, String owner) {
    return root.io(
        () -> {
          Path directory = root.working(key);
          removeLinks(directory);
          Files.createDirectories(directory);
          Claim claim = new Claim(key, new ClaimFile(directory), clock, seen);
          Optional<Claim.Taken> taken = claim.take(owner);
          if (taken.isEmpty()) {
            return Optional.empty();
          }
          // What earlier attempts did not finish is of no use, and one that still writes must not
          // write into this one's.
          for (Path other : Disk.entries(directory)) {
            if (other.getFileName().toString().startsWith(LocalWork.ATTEMPT)) {
              Disk.removeAll(other);
            }
          }
          LocalWork work = new LocalWork(root, key, claim, taken.get(), clock, versions, alive);
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
    for (Path directory : root.io(() -> Disk.entries(root.artifacts()))) {
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
    return newestFirst(manifests);
  }

  static List<Manifest> newestFirst(List<Manifest> manifests) {
    manifests.sort(Comparator.comparing((Manifest m) -> m.made().at()).reversed());
    return manifests;
  }

  @Override
  public List<Finding> verify() {
    List<Finding> findings = new ArrayList<>();
    for (Path directory : root.io(() -> Disk.entries(root.artifacts()))) {
      Integrity.problem(directory)
          .ifPresent(p -> findings.add(new Finding(directory.getFileName().toString(), p)));
    }
    return findings;
  }

  @Override
  public void tidy() {
    root.io(
        () -> {
          new LocalGarbage(root.directory()).tidy();
          // Nobody needs an hour to write a plan.
          plans.tidy(clock.instant().minus(Duration.ofHours(1)));
          for (Path directory : Disk.entries(root.work())) {
            if (Files.isDirectory(root.artifacts().resolve(directory.getFileName()))) {
              Disk.removeAll(directory);
            }
          }
          return root;
        });
  }

  @Override
  public Garbage garbage() {
    return new LocalGarbage(root.directory());
  }

  @Override
  public void probe() {
    root.io(
        () -> {
          Path probe = root.work().resolve("probe-" + UUID.randomUUID());
          Files.createDirectories(probe);
          try {
            // The lock is what a network file system may lack.
            new Claim("probe", new ClaimFile(probe), clock, seen).take("probe");
          } finally {
            Disk.removeAll(probe);
          }
          return probe;
        });
  }

  @Override
  public String place() {
    return root.directory().toString();
  }
}
