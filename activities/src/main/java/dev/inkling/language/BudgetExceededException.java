package dev.inkling.language;

import dev.inkling.plan.Spend;

/** The next question would pass what the stage may spend; every answer so far is kept. */
public final class BudgetExceededException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Spend spend;

  public BudgetExceededException(String message, Spend spend) {
    super(message);
    this.spend = spend;
  }

  /** What the stage has spent so far. */
  public Spend spend() {
    return spend;
  }
}
