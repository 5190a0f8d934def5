package dev.inkling.language;

import dev.inkling.model.Answer;
import dev.inkling.model.Question;
import dev.inkling.model.hosted.Price;
import dev.inkling.plan.Spend;
import dev.inkling.spec.Budget;
import java.util.Locale;
import java.util.Optional;

/** What a stage has spent, and whether the next question still fits into what it may spend. */
final class Purse {
  private final Optional<Budget> allowance;
  private long batched;
  private long inputTokens;
  private long outputTokens;
  private Optional<Double> usd = Optional.of(0.0);

  private Cost underWay = Cost.NOTHING;

  Purse(Optional<Budget> allowance) {
    this.allowance = allowance;
  }

  /** An answer was paid for. */
  void paid(Answered answer, Optional<Price> price) {
    batched += answer.batched() ? 1 : 0;
    inputTokens += answer.inputTokens();
    outputTokens += answer.outputTokens();
    usd =
        usd.flatMap(
            before -> price.map(p -> before + usd(p, answer.inputTokens(), answer.outputTokens())));
  }

  /**
   * What something costs at most, as far as it can be known before the answer is there.
   *
   * @param usd 0 where there is no price
   */
  record Cost(long tokens, double usd) {
    static final Cost NOTHING = new Cost(0, 0);

    Cost plus(Cost other) {
      return new Cost(tokens + other.tokens, usd + other.usd);
    }
  }

  /** What a question costs if its answer is as long as it may be. */
  static Cost cost(Question question, Optional<Price> price) {
    long input = (long) Math.ceil(question.tokens());
    long output = question.decoding().maxTokens();
    return new Cost(input + output, price.map(p -> usd(p, input, output)).orElse(0.0));
  }

  /** How many answers came in batches. */
  long batched() {
    return batched;
  }

  /** Whether there is money for it. */
  boolean fits(Cost cost) {
    return allowance.isEmpty()
        || (allowance.get().tokens().orElse(Long.MAX_VALUE)
                >= inputTokens + outputTokens + underWay.tokens() + cost.tokens()
            && allowance.get().usd().orElse(Double.MAX_VALUE)
                >= usd.orElse(0.0) + underWay.usd() + cost.usd());
  }

  /** It is under way. */
  void begins(Cost cost) {
    underWay = underWay.plus(cost);
  }

  /** It is no longer under way; if it was answered, it is {@link #paid}. */
  void ended(Cost cost) {
    underWay = underWay.plus(new Cost(-cost.tokens(), -cost.usd()));
  }

  private static double usd(Price price, long input, long output) {
    return price.usd(new Answer.Usage(input, output)).doubleValue();
  }

  /** What was spent so far, in requests of which so many are known to be lost. */
  Spend spend(long requests, long lost) {
    return new Spend(requests, lost, inputTokens, outputTokens, usd);
  }

  /** Why it ends here. */
  String message(Spend spend) {
    Budget budget = allowance.orElseThrow();
    String most =
        budget.usd().map(u -> String.format(Locale.ROOT, "$%.2f", u)).orElse("")
            + (budget.usd().isPresent() && budget.tokens().isPresent() ? " and " : "")
            + budget.tokens().map(t -> String.format(Locale.ROOT, "%,d tokens", t)).orElse("");
    return "The next question might pass what is left of the budget, "
        + most
        + " for this stage. It has spent "
        + spend.sentence()
        + "; every answer is kept.";
  }
}
