package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How a model is fine-tuned: the loss, and Adam (Kingma and Ba 2015; beta 0.9 and 0.999, epsilon
 * 1e-8).
 */
public record FinetuneSpec(
    @Field("What training makes small.") Loss loss,
    @Field(value = "Passes over the dataset.", min = 1, max = 100_000) int epochs,
    @Field(value = "Rows in one step.", min = 1, max = 1_000_000) int batchSize,
    @Field(value = "Adam's learning rate.", min = 0, max = 10) double learningRate,
    @Field(
            value =
                "Whose rows: each model's own, or another model's (the next one's of the same seed), so that student and"
                    + " teacher share no initialisation.",
            byDefault = "\"own\"")
        Rows rows) {
  /** Whose rows a model is trained on. */
  public enum Rows {
    /** Those that its own teacher made: student and teacher start from the same weights. */
    @JsonProperty("own")
    OWN,
    /** Those of the next model's teacher: the cross-model control. */
    @JsonProperty("another")
    ANOTHER
  }
}
