package dev.inkling.artifact;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work on artifacts that were published meanwhile: objects of a bucket, and directories of this
 * machine. Nobody needs them any more.
 */
final class Leftovers {
  private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

  private final Bucket bucket;
  private final StoreRoot root;

  Leftovers(Bucket bucket, StoreRoot root) {
    this.bucket = bucket;
    this.root = root;
  }

  /** Removes what lies in the bucket of one; what stays is removed by the next worker. */
  void removeWork(String key) {
    try {
      // The claim last: as long as there are files, somebody's name is on them.
      List<Bucket.Listed> objects = bucket.list(BucketNames.work(key));
      objects.stream()
          .map(Bucket.Listed::name)
          .filter(name -> !name.equals(BucketNames.claim(key)))
          .forEach(bucket::remove);
      bucket.remove(BucketNames.claim(key));
    } catch (StoreException e) {
      log.debug("The work on {} stays until the next worker starts: {}", key, e.getMessage());
    }
  }

  /** Removes those of every artifact, in the bucket and here. */
  void removeAll() {
    for (String key : working()) {
      if (published(key)) {
        removeWork(key);
      }
    }
    for (Path left : root.io(() -> Disk.entries(root.work()))) {
      String key = left.getFileName().toString();
      if (BucketNames.isKey(key) && published(key)) {
        root.io(
            () -> {
              Disk.removeAll(left);
              return left;
            });
      }
    }
  }

  private boolean published(String key) {
    return BucketManifests.read(bucket, key).isPresent();
  }

  /** The keys that somebody works on, or did. */
  private Set<String> working() {
    Set<String> keys = new LinkedHashSet<>();
    bucket.list(BucketNames.WORK).forEach(object -> keys.add(object.name().split("/", -1)[1]));
    keys.removeIf(key -> !BucketNames.isKey(key));
    return keys;
  }
}
