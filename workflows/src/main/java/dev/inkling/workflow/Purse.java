package dev.inkling.workflow;

import dev.inkling.plan.Spend;
import dev.inkling.plan.Stage;
import dev.inkling.spec.Budget;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the experiment has spent on language models, and what is left of its budget. */
final class Purse {
  private Optional<Budget> budget = Optional.empty();

  /** By stage: a stage that goes on tells all that it has spent, not what was added. */
  private final Map<String, Spend> spent = new LinkedHashMap<>();

  void holds(Optional<Budget> budget) {
    this.budget = budget;
  }

  /** A stage told what it has spent so far. */
  void spent(Stage stage, Spend spend) {
    spent.put(stage.key(), spend);
  }

  /** Everything together. */
  Spend total() {
    return spent.values().stream().reduce(Spend.NONE, Spend::plus);
  }

  /** What a stage may spend in all, its former attempts included; empty if nothing bounds it. */
  Optional<Budget> allowance(Stage stage) {
    return budget.map(
        b -> {
          Spend others =
              spent.entrySet().stream()
                  .filter(e -> !e.getKey().equals(stage.key()))
                  .map(Map.Entry::getValue)
                  .reduce(Spend.NONE, Spend::plus);
          return new Budget(
              b.usd().map(usd -> Math.max(0, usd - others.usd().orElse(0.0))),
              b.tokens().map(tokens -> Math.max(0, tokens - others.tokens())));
        });
  }
}
