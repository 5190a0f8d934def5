package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Optional;

/** How a model is fine-tuned. */
// The networks' kind came first and needs no type, so that its keys stay what they were.
@JsonTypeInfo(
    use = JsonTypeInfo.Id.NAME,
    include = JsonTypeInfo.As.EXISTING_PROPERTY,
    property = "type",
    defaultImpl = FinetuneSpec.OfNetworks.class)
@JsonSubTypes({
  @JsonSubTypes.Type(value = FinetuneSpec.OfNetworks.class, name = "network"),
  @JsonSubTypes.Type(value = FinetuneSpec.Hosted.class, name = FinetuneSpec.HOSTED)
})
public sealed interface FinetuneSpec {
  /** The type of {@link Hosted}. */
  String HOSTED = "hosted";

  /** Small networks: the loss, and Adam (Kingma and Ba 2015; beta 0.9 and 0.999, epsilon 1e-8). */
  record OfNetworks(
      @Field("What training makes small.") Loss loss,
      @Field(value = "Passes over the dataset.", min = 1, max = 100_000) int epochs,
      @Field(value = "Rows in one step.", min = 1, max = 1_000_000) int batchSize,
      @Field(value = "Adam's learning rate.", min = 0, max = 10) double learningRate,
      @Field(
              value =
                  "Whose rows: each model's own, or another model's (the next one's of the same seed), so that student and"
                      + " teacher share no initialisation.",
              byDefault = "\"own\"")
          Rows rows)
      implements FinetuneSpec {}

  /** Whose rows a model is trained on. */
  enum Rows {
    /** Those that its own teacher made: student and teacher start from the same weights. */
    @JsonProperty("own")
    OWN,
    /** Those of the next model's teacher: the cross-model control. */
    @JsonProperty("another")
    ANOTHER
  }

  /**
   * A hosted model: its provider fine-tunes it on the rows' completions (supervised). What is left
   * out, the provider chooses.
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Hosted(
      @Field(value = "Passes over the rows.", min = 1, max = 50) Optional<Integer> epochs,
      @Field(value = "Rows in one step.", min = 1, max = 256) Optional<Integer> batchSize,
      @Field(
              value = "What the provider's own learning rate is multiplied by.",
              min = 1e-6,
              max = 1000)
          Optional<Double> learningRateMultiplier,
      @Field(value = "At most so many rows, drawn by the seed.", min = 1) Optional<Integer> maxRows,
      @Field(value = "What the provider draws with; left out, the trial's seed.", min = 0)
          Optional<Integer> seed,
      @Field(
              value = "Part of the new model's name; another one is another model.",
              pattern = "[a-zA-Z0-9-]{1,18}")
          Optional<String> suffix)
      implements FinetuneSpec {
    /** How specs tell it apart. */
    @JsonProperty
    public String type() {
      return HOSTED;
    }
  }
}
