package dev.inkling.artifact;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work on bytes that may take longer than a heartbeat may fail: a request over a thin line, the
 * hash of a file of many gigabytes.
 */
final class Attended {
  private static final Logger log = LoggerFactory.getLogger(Attended.class);

  /** A stage is taken for dead after 10 s of silence; what is quicker than this costs no beat. */
  private static final long BEAT_MILLIS = 1000;

  private Attended() {}

  /**
   * Does it in a thread of its own, and says meanwhile that the caller is alive. It is always done
   * to its end: what the listener throws is left to the next one who listens.
   */
  static <T> T call(Runnable alive, StoreRoot.IoCall<T> call) throws IOException {
    FutureTask<T> result = new FutureTask<>(call::run);
    Thread thread = Thread.ofPlatform().daemon().name("bytes").start(result);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return result.get(BEAT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          beat(alive);
        } catch (InterruptedException e) {
          interrupted = true;
          thread.interrupt();
        }
      }
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void beat(Runnable alive) {
    try {
      alive.run();
    } catch (RuntimeException e) {
      log.debug("{}", e.getMessage());
    }
  }

  private static RuntimeException rethrown(Throwable cause) throws IOException {
    return switch (cause) {
      case IOException e -> throw e;
      case Error e -> throw e;
      case RuntimeException e -> e;
      default -> new IllegalStateException(cause);
    };
  }
}
