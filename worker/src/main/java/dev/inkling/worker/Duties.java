package dev.inkling.worker;

import java.time.Duration;
import java.util.Map;

/**
 * What a worker takes on.
 *
 * @param stagesOnly whether it makes artifacts and nothing else: no workflows, no planning, no
 *     reports
 * @param atOnce how many activities it takes from Temporal at a time
 * @param stopping how long it waits for stages to hand themselves back when it is told to end,
 *     INKLING_STOP_SECONDS: what is left then is cut off
 */
public record Duties(boolean stagesOnly, int atOnce, Duration stopping) {
  /**
   * A stage on a disk reaches its next step, and so its checkpoint, well within this. Who ends a
   * worker whose checkpoints go far, and gives it longer, says so.
   */
  private static final String USUAL = "8";

  public Duties {
    if (atOnce < 1) {
      throw new IllegalArgumentException("A worker does at least one thing at once, not " + atOnce);
    }
  }

  /**
   * Everything. Stages queue for the cores inside the worker and say so; planning and reporting
   * pass by them.
   */
  public static Duties all() {
    return new Duties(false, 32, Duration.ofSeconds(Long.parseLong(USUAL)));
  }

  /** Stages, one at a time: what waits for this machine's device could run on another. */
  public static Duties ofStages() {
    return new Duties(true, 1, all().stopping());
  }

  /** The same, with as much time to stop as the environment says. */
  public Duties stoppingAs(Map<String, String> environment) {
    String seconds = environment.getOrDefault("INKLING_STOP_SECONDS", USUAL);
    if (!seconds.matches("[0-9]{1,6}")) {
      throw new IllegalArgumentException(
          "INKLING_STOP_SECONDS is '"
              + seconds
              + "', but must be a number of whole seconds, for example "
              + USUAL);
    }
    return new Duties(stagesOnly, atOnce, Duration.ofSeconds(Long.parseLong(seconds)));
  }
}
