package dev.inkling.ask;

import java.time.Duration;

/**
 * How a model is asked.
 *
 * @param startInFlight with how many requests at once the asking begins
 * @param maxInFlight how many questions may be under way at once, those that wait to be tried again
 *     included; a crash asks at most so many again
 * @param drain for how long answers under way are awaited when the asking must stop
 */
public record AskSettings(int startInFlight, int maxInFlight, Patience patience, Duration drain) {
  /**
   * Eight at once are below every provider's limits, and doubling each round trip makes them a
   * thousand after seven. The drain ends before the heartbeat timeout of a stage (10 s).
   */
  public static final AskSettings DEFAULT =
      new AskSettings(8, 1000, Patience.DEFAULT, Duration.ofSeconds(8));

  public AskSettings {
    if (startInFlight < 1 || maxInFlight < startInFlight) {
      throw new IllegalArgumentException(
          "1 <= startInFlight <= maxInFlight is needed; these are "
              + startInFlight
              + " and "
              + maxInFlight);
    }
  }
}
