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
  private long inputTokens;
  private long outputTokens;
  private Optional<Double> usd = Optional.of(0.0);

  // What is under way, as far as it can be known before the answer is there.
  private long underWayTokens;
  private double underWayUsd;

  Purse(Optional<Budget> allowance) {
    this.allowance = allowance;
  }

  /** An answer was paid for. */
  void paid(Answered answer, Optional<Price> price) {
    inputTokens += answer.inputTokens();
    outputTokens += answer.outputTokens();
    usd =
        usd.flatMap(
            before -> price.map(p -> before + usd(p, answer.inputTokens(), answer.outputTokens())));
  }

  /** Whether a question fits, its answer being as long as it may be. */
  boolean fits(Question question, Optional<Price> price) {
    long tokens = tokens(question);
    double cost = price.map(p -> usd(question, p)).orElse(0.0);
    return allowance.isEmpty()
        || (allowance.get().tokens().orElse(Long.MAX_VALUE)
                >= inputTokens + outputTokens + underWayTokens + tokens
            && allowance.get().usd().orElse(Double.MAX_VALUE)
                >= usd.orElse(0.0) + underWayUsd + cost);
  }

  void begins(Question question, Optional<Price> price) {
    underWayTokens += tokens(question);
    underWayUsd += price.map(p -> usd(question, p)).orElse(0.0);
  }

  void ended(Question question, Optional<Price> price) {
    underWayTokens -= tokens(question);
    underWayUsd -= price.map(p -> usd(question, p)).orElse(0.0);
  }

  private static long tokens(Question question) {
    return input(question) + question.decoding().maxTokens();
  }

  private static double usd(Question question, Price price) {
    return usd(price, input(question), question.decoding().maxTokens());
  }

  private static long input(Question question) {
    return (long) Math.ceil(question.tokens());
  }

  private static double usd(Price price, long input, long output) {
    return price.usd(new Answer.Usage(input, output)).doubleValue();
  }

  Spend spend(Requests requests) {
    return new Spend(requests.sent(), requests.lost(), inputTokens, outputTokens, usd);
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
