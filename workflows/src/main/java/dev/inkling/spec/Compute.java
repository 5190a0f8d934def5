package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** Where and how the stages run. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = Compute.Local.class, name = "local")})
public sealed interface Compute {

  /** The number format of the matrix products in training; everything else is float32. */
  Precision precision();

  /** How many trials of the experiment are under way at once. */
  int parallel();

  /** In the worker that polls the experiment's own task queue. */
  record Local(
      @Field(
              value = "float32, or bf16 for matrix products in bfloat16 (faster, less exact).",
              byDefault = "\"float32\"")
          Precision precision,
      @Field(
              value = "Trials under way at once; one stage alone already uses every core.",
              byDefault = "1",
              min = 1,
              max = 1000)
          int parallel)
      implements Compute {}

  /** The number format of matrix products. */
  enum Precision {
    /** IEEE single precision. */
    @JsonProperty("float32")
    FLOAT32,
    /** bfloat16, with float32 weights and sums. */
    @JsonProperty("bf16")
    BF16
  }
}
