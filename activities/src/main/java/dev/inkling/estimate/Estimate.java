package dev.inkling.estimate;

import dev.inkling.plan.Stage;
import java.util.Optional;

/**
 * What a stage would ask and cost at most.
 *
 * @param there whether its artifact is there already, so that nothing is asked
 * @param inputTokens about how many tokens the questions have, at four characters to a token
 * @param outputTokens how many tokens the answers may have at most
 * @param usd what that costs, where the price of every model is known
 */
public record Estimate(
    Stage stage,
    boolean there,
    long calls,
    long inputTokens,
    long outputTokens,
    Optional<Double> usd) {
  /** Two stages' calls, tokens and money together; those of a stage that is there are none. */
  public Estimate plus(Estimate other) {
    if (other.there) {
      return this;
    }
    return new Estimate(
        stage,
        false,
        calls + other.calls,
        inputTokens + other.inputTokens,
        outputTokens + other.outputTokens,
        usd.flatMap(a -> other.usd.map(b -> a + b)));
  }
}
