package dev.inkling.artifact;

import dev.inkling.plan.Keys;
import java.io.IOException;
import java.time.Clock;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects by which artifacts are in a bucket. One that was set aside is empty, and not gone:
 * not every server can be told to remove an object only if it is still the one that was read, and
 * somebody slow would remove what was published meanwhile.
 */
final class BucketManifests {
  private static final Logger log = LoggerFactory.getLogger(BucketManifests.class);
  private static final byte[] SET_ASIDE = {};

  private final Bucket bucket;
  private final Clock clock;

  BucketManifests(Bucket bucket, Clock clock) {
    this.bucket = bucket;
    this.clock = clock;
  }

  /** The one of an artifact, if that is there. */
  Optional<Bucket.Stored> read(String key) {
    return read(bucket, key);
  }

  /** The one of an artifact in a bucket, if that is there. */
  static Optional<Bucket.Stored> read(Bucket bucket, String key) {
    return bucket.read(BucketNames.manifest(key)).filter(stored -> stored.bytes().length > 0);
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
    String name = BucketNames.manifest(key);
    if (bucket.create(name, manifest).isPresent()) {
      return true;
    }
    Optional<Bucket.Stored> there = bucket.read(name);
    if (there.isPresent() && there.get().bytes().length == 0) {
      if (bucket.replace(name, manifest, there.get().etag()).isPresent()) {
        return true;
      }
      there = bucket.read(name); // another one was faster, or only the answer was lost
    }
    return there.filter(stored -> Arrays.equals(stored.bytes(), manifest)).isPresent();
  }

  /**
   * What is no longer what was published is absent from then on, and made again when needed. Who
   * makes it already, or has made it, is not disturbed.
   *
   * @param manifest as it was read
   */
  void setAside(String key, Bucket.Stored manifest, String problem) throws IOException {
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
    String sealed = Keys.sha256(manifest.bytes());
    new ClaimObject(bucket, BucketNames.claim(key))
        .change(
            claim ->
                claim.map(
                    entry ->
                        Objects.equals(entry.inBucket().sealed(), sealed)
                            ? entry.with(RemoteWork.NONE)
                            : entry));
    bucket.replace(BucketNames.manifest(key), SET_ASIDE, manifest.etag());
  }
}
