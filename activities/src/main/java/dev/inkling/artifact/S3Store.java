package dev.inkling.artifact;

import dev.inkling.plan.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Artifacts in a bucket that several machines share, and copies of those that this machine has
 * needed. An artifact is there as soon as its manifest is, which comes last and never changes; its
 * files bear their hash in their name. Who makes one stands in a claim, which the bucket replaces
 * only for who has seen the claim before. See docs/design/clusters-store.md.
 */
public final class S3Store implements Store {
  private static final Logger log = LoggerFactory.getLogger(S3Store.class);

  /** Who waits for another one's work asks five times a second; the bucket is asked less often. */
  private static final long ASK_AGAIN_NANOS = Duration.ofSeconds(2).toNanos();

  private final Bucket bucket;
  private final StoreRoot root;
  private final LocalStore here;
  private final BucketPlans plans;
  private final Copies copies;
  private final Clock clock;
  private final Runnable alive;
  private final Map<String, Long> busy;

  /**
   * A store in a bucket.
   *
   * @param here where this machine keeps copies and work in progress: nothing is lost with it but
   *     what was not yet sent
   * @param versions written into every manifest
   */
  public S3Store(
      BucketConnection connection, Path here, Clock clock, Map<String, String> versions) {
    this(
        connection.bucket(),
        new StoreRoot(here),
        new LocalStore(here, clock, versions),
        clock,
        () -> {},
        new ConcurrentHashMap<>());
  }

  private S3Store(
      Bucket bucket,
      StoreRoot root,
      LocalStore here,
      Clock clock,
      Runnable alive,
      Map<String, Long> busy) {
    this.bucket = bucket;
    this.root = root;
    this.here = here;
    this.plans = new BucketPlans(bucket, root);
    this.copies = new Copies(root, here, new Transfers(bucket, alive));
    this.clock = clock;
    this.alive = alive;
    this.busy = busy;
  }

  @Override
  public Store telling(Runnable listener) {
    return new S3Store(bucket, root, here, clock, listener, busy);
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
    return bucket
        .read(BucketNames.manifest(key))
        .flatMap(stored -> Looks.manifest(key, stored.bytes()));
  }

  @Override
  public Optional<Artifact> find(String key) {
    Optional<Bucket.Stored> stored = bucket.read(BucketNames.manifest(key));
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    Optional<Manifest> manifest = Looks.manifest(key, stored.get().bytes());
    if (manifest.isEmpty()) {
      setAside(key, stored.get(), "its manifest cannot be read");
      return Optional.empty();
    }
    return io(
        () -> {
          Optional<String> problem = copies.bring(manifest.get(), stored.get().bytes());
          if (problem.isPresent()) {
            setAside(key, stored.get(), problem.get());
            return Optional.empty();
          }
          return Optional.of(new Artifact(manifest.get(), root.published(key)));
        });
  }

  /** What is no longer what was published is absent from then on, and made again when needed. */
  private void setAside(String key, Bucket.Stored manifest, String problem) {
    String aside = "damaged/" + key + "-" + clock.millis() + ".json";
    log.warn(
        "Artifact {} in {} is damaged ({}); its manifest is moved to {}, and it is made again when"
            + " it is needed",
        key,
        bucket.place(),
        problem,
        aside);
    bucket.put(aside, manifest.bytes());
    // The claim first: it may say that those very files are to be published.
    bucket.remove(BucketNames.claim(key));
    bucket.remove(BucketNames.manifest(key));
  }

  @Override
  public Optional<Artifact> look(String key) {
    return bucket
        .read(BucketNames.manifest(key))
        .flatMap(stored -> new Looks(bucket, root, alive).artifact(key, stored));
  }

  @Override
  public Optional<Work> claim(String key, String owner) {
    Long asked = busy.get(key);
    if (asked != null && System.nanoTime() - asked < ASK_AGAIN_NANOS) {
      return Optional.empty();
    }
    Optional<LocalWork> local = here.work(key, owner);
    if (local.isEmpty()) {
      return Optional.empty();
    }
    boolean claimed = false;
    try {
      Claim claim = new Claim(key, new ClaimObject(bucket, BucketNames.claim(key)), clock);
      Optional<Claim.Taken> taken = io(() -> claim.take(owner));
      if (taken.isEmpty()) {
        busy.put(key, System.nanoTime());
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

  /**
   * Puts the manifest of an artifact, whose files are all there, into its place.
   *
   * @return whether it is the one that stands there
   */
  boolean publish(String key, String sha256) throws IOException {
    byte[] manifest =
        bucket
            .read(BucketNames.artifact(key) + sha256 + "/" + Manifest.FILE)
            .map(Bucket.Stored::bytes)
            .orElseThrow(() -> new IOException("the manifest of " + key + " was not sent"));
    return bucket.create(BucketNames.manifest(key), manifest).isPresent()
        || bucket
            .read(BucketNames.manifest(key))
            .filter(there -> Arrays.equals(there.bytes(), manifest))
            .isPresent();
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
