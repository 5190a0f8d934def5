package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/**
 * How the weights of a language model are trained: AdamW (Loshchilov and Hutter 2019) on the
 * completions' cross entropy. The defaults are those of the paper's runs with open models.
 */
public record TrainingSpec(
    @Field(value = "Passes over the rows.", byDefault = "3", min = 1, max = 10_000) int epochs,
    @Field(value = "At most so many steps, if the epochs have more.", min = 1, max = 10_000_000)
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<Integer> maxSteps,
    @Field(value = "Rows in one step.", byDefault = "66", min = 1, max = 65_536) int batchSize,
    @Field(
            value =
                "Rows that are computed at once; their gradients are added up to the batch's. Left"
                    + " out, the whole batch on a GPU.",
            min = 1,
            max = 65_536)
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<Integer> microBatch,
    @Field(value = "AdamW's learning rate at its highest.", byDefault = "2e-4", min = 0, max = 10)
        double learningRate,
    @Field(value = "How the learning rate goes on after the warm-up.", byDefault = "\"linear\"")
        Schedule schedule,
    @Field(
            value = "Steps in which the learning rate rises from 0.",
            byDefault = "5",
            min = 0,
            max = 1_000_000)
        int warmupSteps,
    @Field(value = "AdamW's weight decay.", byDefault = "0", min = 0, max = 10) double weightDecay,
    @Field(
            value = "How much of the gradients' mean stays each step.",
            byDefault = "0.9",
            min = 0,
            max = 0.999999)
        double beta1,
    @Field(
            value = "How much of their square's mean stays.",
            byDefault = "0.999",
            min = 0,
            max = 0.999999999)
        double beta2,
    @Field(
            value = "What the root of the mean square is added to.",
            byDefault = "1e-8",
            min = 1e-20,
            max = 1)
        double epsilon,
    @Field(
            value = "A gradient with a larger norm is shortened to this one.",
            byDefault = "1.0",
            min = 1e-9,
            max = 1e9)
        double maxGradientNorm,
    @Field(
            value = "Rows with more tokens, prompt and completion, are refused.",
            byDefault = "500",
            min = 2,
            max = 1_000_000)
        int maxTokens,
    @Field(
            value =
                "shuffled: rows as the seed orders them; by-length: rows of similar lengths together,"
                    + " in an order that the seed decides.",
            byDefault = "\"shuffled\"")
        Batching batching,
    @Field(
            value =
                "Layers are computed again for their gradients instead of being kept: less memory,"
                    + " a third more time.",
            byDefault = "false")
        boolean gradientCheckpointing,
    @Field(value = "At most so many rows, drawn by the seed.", min = 1)
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<Integer> maxRows,
    @Field(
            value =
                "Which randomness of the seed: another stream starts from other adapters and reads"
                    + " the rows in another order.",
            byDefault = "0",
            min = 0)
        int stream) {

  /** How the learning rate goes on after the warm-up. */
  public enum Schedule {
    /** Down to 0 in a straight line. */
    @JsonProperty("linear")
    LINEAR,
    /** Down to 0 along half a cosine. */
    @JsonProperty("cosine")
    COSINE,
    /** As it is. */
    @JsonProperty("constant")
    CONSTANT
  }

  /** Which rows make a batch. */
  public enum Batching {
    /** Those that follow each other in a random order. */
    @JsonProperty("shuffled")
    SHUFFLED,
    /** Those of similar lengths, so that less is padded. */
    @JsonProperty("by-length")
    BY_LENGTH
  }
}
