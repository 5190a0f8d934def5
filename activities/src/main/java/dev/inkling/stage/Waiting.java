package dev.inkling.stage;

import dev.inkling.artifact.Store;
import java.util.Optional;

/** Waits for what another one has now; says so, and hears meanwhile that it must stop. */
public final class Waiting {
  /** How long an attempt waits before it gives up until the next one. */
  public static final long POLL_MILLIS = 200;

  private Waiting() {}

  /**
   * Tries until it succeeds.
   *
   * @param why what people are told, if the first attempt does not succeed
   * @param attempt waits {@link #POLL_MILLIS} itself before it comes back empty
   * @throws StopRequestedException if it must stop
   */
  public static <T> T until(Monitor monitor, String why, Attempt<T> attempt)
      throws InterruptedException {
    Optional<T> result = attempt.result();
    if (result.isPresent()) {
      return result.get();
    }
    monitor.note(why);
    do {
      monitor.progress(0, 0, "", Optional.empty());
      result = attempt.result();
    } while (result.isEmpty());
    monitor.note("");
    return result.get();
  }

  /**
   * Claims the making of an artifact, once nobody else is at work on it.
   *
   * @throws StopRequestedException if it must stop
   */
  public static Store.Work claim(Store store, String key, String owner, Monitor monitor)
      throws InterruptedException {
    return until(
        monitor,
        "waits for another experiment that is making the same artifact",
        () -> {
          Optional<Store.Work> work = store.claim(key, owner);
          if (work.isEmpty()) {
            Thread.sleep(POLL_MILLIS);
          }
          return work;
        });
  }

  /** One attempt; empty if it did not succeed. */
  @FunctionalInterface
  public interface Attempt<T> {
    Optional<T> result() throws InterruptedException;
  }
}
