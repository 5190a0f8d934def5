package dev.inkling.model.hosted;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A fine-tuning job at a provider.
 *
 * @param word the status as the provider says it
 * @param base the model that is fine-tuned
 * @param model the new model, once there is one
 * @param file the id of the training file
 * @param reason why it failed, where the provider says so
 * @param trainedTokens what is billed, once that is known
 * @param results the ids of the files with metrics
 * @param epochs what the provider chose, where it was left to it; likewise the next two
 */
public record TuningJob(
    String id,
    Status status,
    String word,
    String base,
    Optional<String> model,
    String file,
    Optional<String> reason,
    Instant created,
    Optional<Instant> finished,
    Optional<Long> trainedTokens,
    List<String> results,
    Optional<Integer> epochs,
    Optional<Integer> batchSize,
    Optional<Double> learningRateMultiplier,
    Optional<Long> seed) {
  public TuningJob {
    results = List.copyOf(results);
  }

  /** How far it is. */
  public enum Status {
    VALIDATING(false),
    QUEUED(false),
    RUNNING(false),
    SUCCEEDED(true),
    FAILED(true),
    CANCELLED(true),
    /** A word that nobody has heard of; it may go on. */
    UNKNOWN(false);

    private final boolean ended;

    Status(boolean ended) {
      this.ended = ended;
    }

    /** Whether nothing more will come. */
    public boolean ended() {
      return ended;
    }

    static Status of(String word) {
      return switch (word) {
        case "validating_files" -> VALIDATING;
        case "queued", "pending" -> QUEUED;
        case "running" -> RUNNING;
        case "succeeded" -> SUCCEEDED;
        case "failed" -> FAILED;
        case "cancelled" -> CANCELLED;
        default -> UNKNOWN;
      };
    }
  }
}
