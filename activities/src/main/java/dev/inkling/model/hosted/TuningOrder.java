package dev.inkling.model.hosted;

import java.util.Optional;

/**
 * What a fine-tuning job is to be. What is left out, the provider chooses.
 *
 * @param base the model that is fine-tuned
 * @param file the id of the training file
 * @param tag by which it is found again: it stands in the metadata under {@link #TAG}
 * @param suffix a part of the new model's name
 */
public record TuningOrder(
    String base,
    String file,
    String tag,
    String suffix,
    long seed,
    Optional<Integer> epochs,
    Optional<Integer> batchSize,
    Optional<Double> learningRateMultiplier) {
  /** The name of our metadata. */
  public static final String TAG = "inkling";
}
