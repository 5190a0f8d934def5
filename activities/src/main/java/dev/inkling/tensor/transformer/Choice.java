package dev.inkling.tensor.transformer;

import java.util.Optional;

/**
 * From which tokens the next one is drawn. Temperature comes first, then {@code topK}, then {@code
 * topP}, as in Hugging Face transformers; before all of them, tokens that the table bars are left
 * out.
 *
 * @param temperature what logits are divided by; 0 takes the most probable token
 * @param topK only so many of the most probable; 0 for all
 * @param topP only the most probable that together have this probability; 1 for all
 * @param table which tokens may follow each other, if not all
 */
public record Choice(double temperature, int topK, double topP, Optional<TokenTable> table) {
  /** The most probable token. */
  public static final Choice GREEDY = new Choice(0, 0, 1, Optional.empty());

  public Choice {
    if (!(temperature >= 0) || topK < 0 || !(topP >= 0 && topP <= 1)) {
      throw new IllegalArgumentException(
          "temperature %s, top k %d, top p %s".formatted(temperature, topK, topP));
    }
  }

  /** The whole distribution at a temperature. */
  public static Choice at(double temperature) {
    return new Choice(temperature, 0, 1, Optional.empty());
  }

  boolean greedy() {
    return temperature == 0;
  }
}
