package dev.inkling.workflow;

import io.temporal.failure.ApplicationErrorCategory;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;

/**
 * The small set of ways in which a stage fails. Each message says what happened, what was kept and
 * what to do next; each type says whether trying again can help.
 */
public enum Failures {
  /** The spec cannot be run as it is written. */
  INVALID_SPEC("InvalidSpec", false),
  /** An artifact does not fit what is asked of it. */
  ARTIFACT_MISMATCH("ArtifactMismatch", false),
  /** The store cannot be written or read: disk full, read-only, no permission. */
  STORE_UNUSABLE("StoreUnusable", false),
  /** The bucket with the artifacts does not answer now; the stage is tried again. */
  STORE_UNAVAILABLE("StoreUnavailable", true),
  /** A language model needs a key that is not there, or that its provider does not accept. */
  MISSING_CREDENTIAL("MissingCredential", false),
  /** A provider will not answer: unknown model, bad request, no quota. */
  REFUSED_BY_PROVIDER("RefusedByProvider", false),
  /** A dataset has no rows left, so that there is nothing to learn from. */
  EMPTY_DATASET("EmptyDataset", false),
  /** A stage would cost more than is left of the budget; everything is kept. */
  BUDGET_EXCEEDED("BudgetExceeded", false),
  /** A provider did not answer for long, although it was asked again and again. */
  PROVIDER_UNAVAILABLE("ProviderUnavailable", false),
  /** A job at a provider failed, was cancelled there, or is gone. */
  JOB_FAILED("JobFailed", false),
  /** No provider has a machine of the wanted kind now; it is asked again until the spec's limit. */
  NO_CAPACITY("NoCapacity", true),
  /** A machine was lost, or its worker never came, more often than can be by chance. */
  CLUSTER_LOST("ClusterLost", false),
  /** Training gave no numbers, or there is no room for a single row. */
  TRAINING_FAILED("TrainingFailed", false),
  /**
   * A job or a batch is under way at a provider: no failure, but the stage is called again when it
   * is time to look. Unlike a timer of the workflow this leaves no events in the history.
   */
  LATER("Later", true),
  /**
   * The worker was told to stop while it worked; the stage goes on elsewhere from its last
   * checkpoint.
   */
  WORKER_LOST("WorkerLost", true),
  /** Nothing that this vocabulary knows: tried a few times, then given up. */
  UNEXPECTED("Unexpected", true);

  private final String type;
  private final boolean retried;

  Failures(String type, boolean retried) {
    this.type = type;
    this.retried = retried;
  }

  /** The failure's type in the history. */
  public String type() {
    return type;
  }

  /** A failure of this type. */
  public ApplicationFailure of(String message) {
    return ApplicationFailure.newBuilder()
        .setType(type)
        .setMessage(message)
        .setNonRetryable(!retried)
        .build();
  }

  /** A failure of this type that tells something to the workflow, beside what it tells people. */
  public ApplicationFailure of(String message, Object details) {
    return ApplicationFailure.newBuilder()
        .setType(type)
        .setMessage(message)
        .setNonRetryable(!retried)
        .setDetails(details)
        .build();
  }

  /** Whether an activity failed in this way. */
  public boolean is(Throwable failure) {
    return failure instanceof ApplicationFailure f && f.getType().equals(type);
  }

  /** A failure that is given up, whatever its type. */
  public ApplicationFailure last(String message) {
    return ApplicationFailure.newBuilder()
        .setType(type)
        .setMessage(message)
        .setNonRetryable(true)
        .build();
  }

  /**
   * The next attempt starts after a while; nothing has failed.
   *
   * @param beat how far the stage is
   */
  public ApplicationFailure after(Duration delay, String message, StageBeat beat) {
    return ApplicationFailure.newBuilder()
        .setType(type)
        .setMessage(message)
        .setNextRetryDelay(delay)
        .setDetails(beat)
        .setCategory(ApplicationErrorCategory.BENIGN)
        .build();
  }

  /** A failure after which the next attempt starts at once. */
  public ApplicationFailure handedBack(String message) {
    return ApplicationFailure.newBuilder()
        .setType(type)
        .setMessage(message)
        .setNextRetryDelay(Duration.ofMillis(100))
        .build();
  }
}
