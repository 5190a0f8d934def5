package dev.inkling.artifact;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/** Whether a bucket does what a store rests on. */
final class BucketProbe {
  private BucketProbe() {}

  /**
   * Writes an object, tries to write over it as only its maker may, reads it and removes it.
   *
   * @throws StoreException if the bucket cannot be used, or lets two write at once
   */
  static void of(Bucket bucket) {
    String name = "probe/" + UUID.randomUUID();
    byte[] first = "first".getBytes(StandardCharsets.UTF_8);
    byte[] second = "second".getBytes(StandardCharsets.UTF_8);
    Optional<String> etag = bucket.create(name, first);
    try {
      boolean excludes =
          etag.isPresent()
              && bucket.create(name, second).isEmpty()
              && bucket.replace(name, second, "\"" + "0".repeat(32) + "\"").isEmpty()
              && bucket.read(name).filter(there -> there.text().equals("first")).isPresent()
              && bucket.replace(name, second, etag.get()).isPresent()
              && bucket.list("probe/").stream().anyMatch(o -> o.name().equals(name));
      if (!excludes) {
        throw new StoreException(
            bucket.place()
                + " takes writes that it was asked to refuse (If-None-Match and If-Match on PUT),"
                + " so two workers could hold one claim. Use a server that knows conditional"
                + " writes, or a shared file system.",
            new java.io.IOException("no conditional writes"));
      }
    } finally {
      bucket.remove(name);
    }
  }
}
