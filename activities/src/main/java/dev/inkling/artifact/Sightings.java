package dev.inkling.artifact;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Since when this process has seen the claims of others stand as they stand. Who is alive renews
 * its claim, so one that does not change is nobody's; no two machines' clocks are compared for it.
 */
final class Sightings {
  private final LongSupplier nanoTime;
  private final Map<String, Sight> seen = new ConcurrentHashMap<>();

  private record Sight(Claim.Entry entry, long since) {}

  /** By this process's own clock, which nobody sets. */
  Sightings() {
    this(System::nanoTime);
  }

  Sightings(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** What {@link System#nanoTime} says, unless this is a test. */
  long now() {
    return nanoTime.getAsLong();
  }

  /** Looks at a claim: for how long it has stood like this; zero at the first sight. */
  Duration unchanged(String key, Claim.Entry entry) {
    long now = now();
    Sight sight =
        seen.compute(
            key,
            (_, before) ->
                before != null && before.entry().equals(entry) ? before : new Sight(entry, now));
    return Duration.ofNanos(now - sight.since());
  }

  /** Nobody waits for it any more. */
  void forget(String key) {
    seen.remove(key);
  }
}
