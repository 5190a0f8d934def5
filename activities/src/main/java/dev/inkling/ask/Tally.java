package dev.inkling.ask;

import dev.inkling.model.Answer;
import dev.inkling.model.ModelException.Reason;
import java.time.Duration;
import java.util.Map;

/**
 * What the asking came to.
 *
 * @param requests how many were sent, repeated ones included
 * @param answers how many answers were handed over
 * @param retries how many requests were repetitions, by the reason why
 * @param refused how many requests the provider refused for their rate
 * @param usage the tokens of all answers
 * @param mostInFlight how many requests were in flight at once at most
 * @param waited for how long something was to be sent, and a limit or an outage was in the way
 */
public record Tally(
    long requests,
    long answers,
    Map<Reason, Long> retries,
    long refused,
    Answer.Usage usage,
    int mostInFlight,
    Duration waited) {
  public Tally {
    retries = Map.copyOf(retries);
  }
}
