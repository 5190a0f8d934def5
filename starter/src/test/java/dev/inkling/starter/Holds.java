package dev.inkling.starter;

import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Store;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Claims on artifacts that a test has, as another experiment would: whoever is to make one waits,
 * for as long as the test likes.
 */
final class Holds implements AutoCloseable {
  /** Well before a claim is anybody's (20 s). */
  private static final int RENEW_SECONDS = 4;

  private final Store store;
  private final Map<String, Store.Work> held = new HashMap<>();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  /** Holds nothing yet. */
  Holds(Path store) {
    this.store = new LocalStore(store, Clock.systemUTC(), Map.of());
    ScheduledFuture<?> _ =
        clock.scheduleAtFixedRate(this::renew, RENEW_SECONDS, RENEW_SECONDS, TimeUnit.SECONDS);
  }

  private synchronized void renew() {
    held.values().forEach(Store.Work::renew);
  }

  /** Takes the claim, which nobody may have. */
  synchronized void take(String key) {
    held.put(key, store.claim(key, "the test").orElseThrow());
  }

  /** Gives it back. */
  synchronized void letGo(String key) {
    Store.Work work = held.remove(key);
    if (work != null) {
      work.close();
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
