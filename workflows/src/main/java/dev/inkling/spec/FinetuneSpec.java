package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
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
  @JsonSubTypes.Type(value = FinetuneSpec.Hosted.class, name = FinetuneSpec.HOSTED),
  @JsonSubTypes.Type(value = FinetuneSpec.Lora.class, name = FinetuneSpec.LORA),
  @JsonSubTypes.Type(value = FinetuneSpec.Full.class, name = FinetuneSpec.FULL)
})
public sealed interface FinetuneSpec {
  /** The type of {@link Hosted}. */
  String HOSTED = "hosted";

  /** The type of {@link Lora}. */
  String LORA = "lora";

  /** The type of {@link Full}. */
  String FULL = "full";

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

  /** A model whose weights one holds, trained by a worker on the rows' completions. */
  sealed interface OfWeights extends FinetuneSpec permits Lora, Full {
    /** How it is trained. */
    TrainingSpec training();
  }

  /**
   * Low-rank adapters (Hu et al. 2021): beside each of the targeted matrices W stands scale B A,
   * and only A and B are trained. The defaults are those of the paper's runs with open models.
   */
  record Lora(
      @Field(value = "The rank: rows of A.", byDefault = "8", min = 1, max = 4096) int rank,
      @Field(
              value = "The scale is alpha / rank, or alpha / sqrt(rank) if rsLora.",
              byDefault = "8",
              min = 1e-6,
              max = 1e6)
          double alpha,
      @Field(
              value = "Rank-stabilised: the scale is alpha / sqrt(rank) (Kalajdzievski 2023).",
              byDefault = "false")
          boolean rsLora,
      @Field(
              value = "The probability with which a number that A reads is dropped.",
              byDefault = "0",
              min = 0,
              max = 0.95)
          double dropout,
      @Field(
              value = "Which matrices of each layer get adapters.",
              byDefault =
                  "[\"q_proj\", \"k_proj\", \"v_proj\", \"o_proj\", \"gate_proj\", \"up_proj\","
                      + " \"down_proj\"]",
              minSize = 1)
          List<Projection> targets,
      @Field(value = "How they are trained.", byDefault = "{}") TrainingSpec training)
      implements OfWeights {
    public Lora {
      targets = targets.stream().distinct().sorted().toList();
    }

    /** How specs tell it apart. */
    @JsonProperty
    public String type() {
      return LORA;
    }
  }

  /** Every weight is trained; for small models. */
  record Full(
      @Field(value = "How it is trained.", byDefault = "{\"learningRate\": 2e-5}")
          TrainingSpec training)
      implements OfWeights {
    /** How specs tell it apart. */
    @JsonProperty
    public String type() {
      return FULL;
    }
  }

  /** The matrices of a layer, as transformers calls them. */
  enum Projection {
    /** Queries. */
    @JsonProperty("q_proj")
    QUERY,
    /** Keys. */
    @JsonProperty("k_proj")
    KEY,
    /** Values. */
    @JsonProperty("v_proj")
    VALUE,
    /** What attention gives back to the residual stream. */
    @JsonProperty("o_proj")
    OUTPUT,
    /** The MLP's gate. */
    @JsonProperty("gate_proj")
    GATE,
    /** What the gate is multiplied with. */
    @JsonProperty("up_proj")
    UP,
    /** What the MLP gives back to the residual stream. */
    @JsonProperty("down_proj")
    DOWN
  }
}
