package dev.inkling.worker;

/**
 * What a worker takes on.
 *
 * @param stagesOnly whether it makes artifacts and nothing else: no workflows, no planning, no
 *     reports
 * @param atOnce how many activities it takes from Temporal at a time
 */
public record Duties(boolean stagesOnly, int atOnce) {
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
    return new Duties(false, 32);
  }

  /** Stages, one at a time: what waits for this machine's device could run on another. */
  public static Duties ofStages() {
    return new Duties(true, 1);
  }
}
