package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** A reason to drop a row before a student sees it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = FilterSpec.TokenSum.class, name = "token-sum")})
public sealed interface FilterSpec {

  /** Drops the sequences whose tokens' sum is divisible by a number. */
  record TokenSum(@Field(value = "The divisor.", min = 2) int divisibleBy) implements FilterSpec {}
}
