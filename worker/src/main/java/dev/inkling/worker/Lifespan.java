package dev.inkling.worker;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * When a worker ends by itself, so that a machine that was made for it is not paid for idleness,
 * nor for longer than was said.
 *
 * @param idle so long without a stage, if that is an end
 * @param life so long in all, whatever it does then
 */
public record Lifespan(Optional<Duration> idle, Optional<Duration> life) {
  /** An end is noticed this much too late at most. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /**
   * Waits for the end.
   *
   * @param idleFor how long no stage has run; zero while one does
   * @return why it is over, for people
   */
  public String await(Supplier<Duration> idleFor) throws InterruptedException {
    long begun = System.nanoTime();
    while (true) {
      Duration lived = Duration.ofNanos(System.nanoTime() - begun);
      if (life.isPresent() && lived.compareTo(life.get()) >= 0) {
        return "its life of " + tell(life.get()) + " is over";
      }
      if (idle.isPresent() && idleFor.get().compareTo(idle.get()) >= 0) {
        return "no stage ran for " + tell(idle.get());
      }
      TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
    }
  }

  private static String tell(Duration duration) {
    return duration.compareTo(Duration.ofHours(2)) >= 0
        ? duration.toHours() + " h"
        : duration.compareTo(Duration.ofMinutes(2)) >= 0
            ? duration.toMinutes() + " min"
            : duration.toSeconds() + " s";
  }
}
