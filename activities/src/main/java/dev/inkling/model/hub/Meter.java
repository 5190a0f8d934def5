package dev.inkling.model.hub;

import dev.inkling.stage.Monitor;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of a transfer are done. Threads of the network add to it; the one that waits for
 * them tells the monitor, and so is the one that hears that it must stop.
 */
final class Meter {
  private static final Duration BEAT = Duration.ofMillis(500);

  private final Monitor monitor;
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong moved = new AtomicLong();
  private long total;

  Meter(Monitor monitor) {
    this.monitor = monitor;
  }

  /** More is to be done. */
  void expect(long bytes) {
    total += bytes;
  }

  /** So much is done; less than nothing if something must be done again. */
  void add(long bytes) {
    done.addAndGet(bytes);
    moved.incrementAndGet();
  }

  /** How often anything was added: it changes as long as a transfer is alive. */
  long moved() {
    return moved.get();
  }

  /** Tells how far it is. */
  void beat() {
    monitor.progress(Math.max(0, Math.min(done.get(), total)), total, "bytes", Optional.empty());
  }

  void note(String text) {
    monitor.note(text);
  }

  /** Waits, telling meanwhile that it is alive. */
  void sleep(Duration wait) throws InterruptedException {
    long end = System.nanoTime() + wait.toNanos();
    for (long left = wait.toNanos(); left > 0; left = end - System.nanoTime()) {
      beat();
      TimeUnit.NANOSECONDS.sleep(Math.min(left, BEAT.toNanos()));
    }
  }

  /** Waits a moment for a result, and tells that it is alive if there is none yet. */
  <T> Optional<T> await(Future<T> result) throws InterruptedException, ExecutionException {
    try {
      return Optional.of(result.get(BEAT.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      beat();
      return Optional.empty();
    }
  }
}
