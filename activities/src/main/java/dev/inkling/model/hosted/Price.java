package dev.inkling.model.hosted;

import dev.inkling.model.Answer.Usage;
import java.math.BigDecimal;

/** What a model costs, in US dollars for a million tokens. */
public record Price(BigDecimal input, BigDecimal output) {
  private static final int MILLION_DIGITS = 6;

  public Price {
    if (input.signum() < 0 || output.signum() < 0) {
      throw new IllegalArgumentException("a price is at least 0, got " + input + " and " + output);
    }
  }

  /** US dollars for some tokens, exactly. */
  public BigDecimal usd(Usage usage) {
    return input
        .multiply(BigDecimal.valueOf(usage.inputTokens()))
        .add(output.multiply(BigDecimal.valueOf(usage.outputTokens())))
        .movePointLeft(MILLION_DIGITS);
  }
}
