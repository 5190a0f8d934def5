package dev.inkling.artifact;

import com.fasterxml.jackson.core.JacksonException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A claim in a bucket. There are no locks: an entry is written only if the one that it was made
 * from still stands there, which the bucket decides by its ETag; whoever comes second reads again.
 *
 * <p>For the use of one thread at a time.
 */
final class ClaimObject implements ClaimPlace {
  /** Two at once are rare, and each time one of them is through. */
  private static final int TRIES = 20;

  private final Bucket bucket;
  private final String name;

  /** What this one has read or written last; nobody else may have written since, or somebody. */
  private Optional<Bucket.Stored> known = Optional.empty();

  ClaimObject(Bucket bucket, String name) {
    this.bucket = bucket;
    this.name = name;
  }

  @Override
  public void change(Change change) throws IOException {
    boolean fresh = known.isEmpty();
    if (fresh) {
      known = bucket.read(name);
    }
    for (int i = 0; i < TRIES; i++) {
      Optional<Bucket.Stored> stored = known;
      Optional<Claim.Entry> old = stored.flatMap(ClaimObject::entry);
      Optional<Claim.Entry> now = change.of(old);
      if (now.isEmpty() || now.equals(old)) {
        if (fresh) {
          return;
        }
      } else if (written(stored, now.get().bytes())) {
        return;
      }
      known = bucket.read(name);
      fresh = true;
      if (now.isPresent() && known.isPresent() && same(known.get(), now.get().bytes())) {
        // It was written; only the answer was lost, and asking again was refused.
        return;
      }
    }
    throw new IOException("others change " + name + " all the time");
  }

  private boolean written(Optional<Bucket.Stored> stored, byte[] bytes) {
    Optional<String> etag =
        stored.isPresent()
            ? bucket.replace(name, bytes, stored.get().etag())
            : bucket.create(name, bytes);
    etag.ifPresent(tag -> known = Optional.of(new Bucket.Stored(bytes, tag)));
    return etag.isPresent();
  }

  private static boolean same(Bucket.Stored stored, byte[] bytes) {
    return Arrays.equals(stored.bytes(), bytes);
  }

  private static Optional<Claim.Entry> entry(Bucket.Stored stored) {
    try {
      return Optional.of(Claim.Entry.of(stored.bytes()));
    } catch (JacksonException e) {
      return Optional.empty(); // nobody can hold what nobody can read
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
