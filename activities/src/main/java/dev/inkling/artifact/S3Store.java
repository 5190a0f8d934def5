package dev.inkling.artifact;

import dev.inkling.plan.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Artifacts in a bucket that several machines share, and copies of those that this machine has
 * needed. An artifact is there as soon as its manifest is, which comes last and never changes; its
 * files bear their hash in their name. Who makes one stands in a claim, which the bucket replaces
 * only for who has seen the claim before. See docs/design/clusters-store.md.
 */
public final class S3Store implements Store {
  /** Who waits for another one's work asks five times a second; the bucket is asked less often. */
  private static final long ASK_AGAIN_NANOS = Duration.ofSeconds(2).toNanos();

  private final Bucket bucket;
  private final StoreRoot root;
  private final LocalStore here;
  private final BucketPlans plans;
  private final Copies copies;
  private final Clock clock;
  private final Runnable alive;
  private final Sightings seen;
  private final Map<String, Long> busy;
  private final BucketManifests manifests;

  /**
   * A store in a bucket.
   *
   * @param here where this machine keeps copies and work in progress: nothing is lost with it but
   *     what was not yet sent
   * @param versions written into every manifest
   */
  public S3Store(
      BucketConnection connection, Path here, Clock clock, Map<String, String> versions) {
    this(connection, here, clock, versions, new Sightings());
  }

  S3Store(
      BucketConnection connection,
      Path here,
      Clock clock,
      Map<String, String> versions,
      Sightings seen) {
    this(
        connection.bucket(),
        new StoreRoot(here),
        new LocalStore(
            new StoreRoot(here), clock, Map.copyOf(versions), new Sightings(seen::now), () -> {}),
        clock,
        () -> {},
        seen,
        new ConcurrentHashMap<>());
  }

  private S3Store(
      Bucket bucket,
      StoreRoot root,
      LocalStore here,
      Clock clock,
      Runnable alive,
      Sightings seen,
      Map<String, Long> busy) {
    this.bucket = bucket.telling(alive);
    this.root = root;
    this.here = here.telling(alive);
    this.plans = new BucketPlans(this.bucket, root);
    this.manifests = new BucketManifests(this.bucket, clock);
    this.copies = new Copies(root, here, new Transfers(this.bucket, alive));
    this.clock = clock;
    this.alive = alive;
    this.seen = seen;
    this.busy = busy;
  }

  @Override
  public Store telling(Runnable listener) {
    return new S3Store(bucket, root, here, clock, listener, seen, busy);
  }

  Bucket bucket() {
    return bucket;
  }

  Runnable alive() {
    return alive;
  }

  /** The copies of artifacts on this machine. */
  Copies copies() {
    return copies;
  }

  <T> T io(StoreRoot.IoCall<T> call) {
    return root.io(call);
  }

  @Override
  public Optional<Manifest> published(String key) {
    return manifests.read(key).flatMap(stored -> Looks.manifest(key, stored.bytes()));
  }

  @Override
  public Optional<Artifact> find(String key) {
    Optional<Bucket.Stored> stored = manifests.read(key);
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    Optional<Manifest> manifest = Looks.manifest(key, stored.get().bytes());
    return io(
        () -> {
          Optional<String> problem =
              manifest.isEmpty()
                  ? Optional.of("its manifest cannot be read")
                  : copies.bring(manifest.get(), stored.get().bytes());
          if (problem.isPresent()) {
            manifests.setAside(key, stored.get(), problem.get());
          }
          return problem.isPresent()
              ? Optional.empty()
              : manifest.map(whole -> new Artifact(whole, root.published(key)));
        });
  }

  @Override
  public Optional<Artifact> look(String key) {
    return manifests
        .read(key)
        .flatMap(stored -> new Looks(bucket, root, alive).artifact(key, stored));
  }

  @Override
  public Optional<Work> claim(String key, String owner) {
    Long asked = busy.get(key);
    if (asked != null && seen.now() - asked < ASK_AGAIN_NANOS) {
      return Optional.empty();
    }
    Optional<LocalWork> local = here.work(key, owner);
    if (local.isEmpty()) {
      return Optional.empty();
    }
    boolean claimed = false;
    try {
      Claim claim = new Claim(key, new ClaimObject(bucket, BucketNames.claim(key)), clock, seen);
      Optional<Claim.Taken> taken = io(() -> claim.take(owner));
      if (taken.isEmpty()) {
        busy.put(key, seen.now());
        return Optional.empty();
      }
      busy.remove(key);
      S3Work work = new S3Work(this, key, local.get(), claim, taken.get());
      work.begin();
      claimed = true;
      return Optional.of(work);
    } finally {
      if (!claimed) {
        local.get().close();
      }
    }
  }

  /** The objects by which artifacts are there. */
  BucketManifests manifests() {
    return manifests;
  }

  /** What a published artifact needs no more. */
  Leftovers leftovers() {
    return new Leftovers(bucket, root);
  }

  @Override
  public List<Manifest> list() {
    Looks looks = new Looks(bucket, root, alive);
    List<Manifest> manifests = new ArrayList<>();
    for (Bucket.Listed object : bucket.list(BucketNames.ARTIFACTS)) {
      BucketNames.keyOfManifest(object)
          .flatMap(key -> looks.manifest(key, object))
          .ifPresent(manifests::add);
    }
    return LocalStore.newestFirst(manifests);
  }

  @Override
  public List<Finding> verify() {
    List<Finding> findings = new ArrayList<>();
    for (Bucket.Listed object : bucket.list(BucketNames.ARTIFACTS)) {
      Optional<String> key = BucketNames.keyOfManifest(object);
      if (key.isPresent()) {
        io(() -> problem(key.get()))
            .ifPresent(problem -> findings.add(new Finding(key.get(), problem)));
      }
    }
    return findings;
  }

  private Optional<String> problem(String key) throws IOException {
    Optional<Manifest> manifest = published(key);
    return manifest.isEmpty()
        ? Optional.of("its manifest cannot be read")
        : copies.problem(manifest.get());
  }

  @Override
  public void remember(Plan plan) {
    plans.keep(plan);
  }

  @Override
  public Optional<Plan> plan(String experiment) {
    return plans.find(experiment);
  }

  @Override
  public List<String> planned() {
    return plans.ids();
  }

  @Override
  public void forget(String experiment) {
    plans.drop(experiment);
  }

  @Override
  public void tidy() {
    here.tidy();
    io(
        () -> {
          new Looks(bucket, root, alive).tidy(clock.instant().minus(Duration.ofDays(1)));
          return root;
        });
    leftovers().removeAll();
  }

  @Override
  public Garbage garbage() {
    return new S3Garbage(this);
  }

  @Override
  public void probe() {
    BucketProbe.of(bucket);
  }

  @Override
  public String place() {
    return bucket.place().toString();
  }
}
