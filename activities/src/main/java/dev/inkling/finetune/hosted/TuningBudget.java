package dev.inkling.finetune.hosted;

import dev.inkling.language.BudgetExceededException;
import dev.inkling.model.hosted.Prices;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Task;
import dev.inkling.spec.Budget;
import dev.inkling.spec.HostedModel;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;

/**
 * What a fine-tuning job will cost, as far as one can know before.
 *
 * @param tokens about how many are trained on: each as often as there are epochs
 * @param usd empty where the price is not known
 */
record TuningBudget(long tokens, Optional<Double> usd) {
  static TuningBudget of(
      TrainingFile file, Task.FinetuneHosted task, HostedModel base, Prices prices) {
    long tokens = file.tokens() * task.finetune().epochs().orElse(FinetuneHosted.USUAL_EPOCHS);
    return new TuningBudget(tokens, prices.training(base, tokens).map(BigDecimal::doubleValue));
  }

  /**
   * Whether it fits into what the stage may spend.
   *
   * @throws BudgetExceededException if it does not
   */
  void check(Optional<Budget> allowance) {
    if (allowance.isEmpty()) {
      return;
    }
    Budget left = allowance.get();
    if (tokens <= left.tokens().orElse(Long.MAX_VALUE)
        && usd.orElse(0.0) <= left.usd().orElse(Double.MAX_VALUE)) {
      return;
    }
    throw new BudgetExceededException(
        "Fine-tuning would take about "
            + words(Optional.of(tokens), usd)
            + ", and what is left of the budget is "
            + words(left.tokens(), left.usd())
            + " for this stage. No job was created; the training file is kept.",
        Spend.NONE);
  }

  private static String words(Optional<Long> tokens, Optional<Double> usd) {
    return usd.map(u -> String.format(Locale.ROOT, "$%.2f", u)).orElse("")
        + (usd.isPresent() && tokens.isPresent() ? " and " : "")
        + tokens.map(t -> String.format(Locale.ROOT, "%,d tokens", t)).orElse("");
  }
}
