package dev.inkling.ask;

import dev.inkling.model.Answer;
import dev.inkling.model.ModelException.Reason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** Counts while the asking goes on. */
final class Counts {
  private final Map<Reason, Long> retries = new EnumMap<>(Reason.class);
  private long requests;
  private long answers;
  private long refused;
  private Answer.Usage usage = new Answer.Usage(0, 0);
  private int inFlight;
  private int mostInFlight;
  private long waited;

  void sent() {
    requests++;
    inFlight++;
    mostInFlight = Math.max(mostInFlight, inFlight);
  }

  void returned() {
    inFlight--;
  }

  void answered(Answer answer) {
    answers++;
    usage = usage.plus(answer.usage());
  }

  void failed(Reason reason) {
    refused += reason == Reason.RATE_LIMITED ? 1 : 0;
  }

  void retried(Reason reason) {
    retries.merge(reason, 1L, Long::sum);
  }

  void waited(long nanos) {
    waited += nanos;
  }

  long requests() {
    return requests;
  }

  long answers() {
    return answers;
  }

  int inFlight() {
    return inFlight;
  }

  Tally tally() {
    return new Tally(
        requests, answers, retries, refused, usage, mostInFlight, Duration.ofNanos(waited));
  }
}
