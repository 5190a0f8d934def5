package dev.inkling.plan;

import java.util.Locale;
import java.util.Optional;

/**
 * What asking language models has cost.
 *
 * @param requests how many requests were sent, those that were tried again included
 * @param repeated how many of them were sent again because a crash lost the answer
 * @param inputTokens tokens of the questions, as the providers count them
 * @param outputTokens tokens of the answers
 * @param usd money, where every model's price is known
 */
public record Spend(
    long requests, long repeated, long inputTokens, long outputTokens, Optional<Double> usd) {
  /** Nothing was asked. */
  public static final Spend NONE = new Spend(0, 0, 0, 0, Optional.of(0.0));

  /** Both together; the money is unknown where one of them is. */
  public Spend plus(Spend other) {
    return new Spend(
        requests + other.requests,
        repeated + other.repeated,
        inputTokens + other.inputTokens,
        outputTokens + other.outputTokens,
        usd.flatMap(a -> other.usd.map(b -> a + b)));
  }

  /** Questions' and answers' tokens together. */
  public long tokens() {
    return inputTokens + outputTokens;
  }

  /** What people read. */
  public String sentence() {
    String money =
        usd.map(u -> String.format(Locale.ROOT, "$%.2f", u)).orElse("an unknown amount (no price)");
    String again =
        repeated > 0
            ? String.format(Locale.ROOT, ", %,d of them again after a crash", repeated)
            : "";
    return String.format(
        Locale.ROOT, "%s for %,d tokens in %,d requests%s", money, tokens(), requests, again);
  }
}
