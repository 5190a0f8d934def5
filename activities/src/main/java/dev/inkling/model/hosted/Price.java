package dev.inkling.model.hosted;

import dev.inkling.model.Answer.Usage;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * What a model costs, in US dollars for a million tokens.
 *
 * @param training for tokens that it is fine-tuned on, each counted in every epoch
 */
public record Price(BigDecimal input, BigDecimal output, Optional<BigDecimal> training) {
  /** Of a model that one runs oneself. */
  public static final Price FREE = new Price(BigDecimal.ZERO, BigDecimal.ZERO);

  private static final int MILLION_DIGITS = 6;

  public Price {
    if (input.signum() < 0
        || output.signum() < 0
        || training.filter(t -> t.signum() < 0).isPresent()) {
      throw new IllegalArgumentException(
          "a price is at least 0, got "
              + input
              + " and "
              + output
              + training.map(t -> ", for training " + t).orElse(""));
    }
  }

  /** Of a model that nobody can fine-tune, as far as one knows. */
  public Price(BigDecimal input, BigDecimal output) {
    this(input, output, Optional.empty());
  }

  /** So many times this price. */
  Price times(BigDecimal factor) {
    return new Price(input.multiply(factor), output.multiply(factor), training);
  }

  /** US dollars for some tokens, exactly. */
  public BigDecimal usd(Usage usage) {
    return input
        .multiply(BigDecimal.valueOf(usage.inputTokens()))
        .add(output.multiply(BigDecimal.valueOf(usage.outputTokens())))
        .movePointLeft(MILLION_DIGITS);
  }

  /** US dollars for fine-tuning on so many tokens, exactly; empty where that price is not known. */
  public Optional<BigDecimal> usdForTraining(long tokens) {
    return training.map(t -> t.multiply(BigDecimal.valueOf(tokens)).movePointLeft(MILLION_DIGITS));
  }
}
