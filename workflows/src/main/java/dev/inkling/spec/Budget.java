package dev.inkling.spec;

import java.util.Optional;

/** What an experiment may cost; before a stage passes it, the experiment parks and asks. */
public record Budget(
    @Field(value = "US dollars.", min = 0) Optional<Double> usd,
    @Field(value = "Tokens, of questions and answers together.", min = 0) Optional<Long> tokens) {
  public Budget {
    if (usd.isEmpty() && tokens.isEmpty()) {
      throw new IllegalArgumentException("give usd, tokens or both");
    }
  }
}
