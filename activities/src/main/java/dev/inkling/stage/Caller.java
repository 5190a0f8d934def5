package dev.inkling.stage;

import dev.inkling.spec.Budget;
import java.util.Optional;

/**
 * For whom a stage is made.
 *
 * @param owner the experiment: attempts of one owner replace each other, others wait for each other
 * @param run the experiment's run: typed again, the same experiment is another run
 * @param allowance what the stage may spend in all, if the experiment has a budget
 */
public record Caller(String owner, String run, Optional<Budget> allowance) {
  /** An experiment in its only run, without a budget. */
  public static Caller of(String owner) {
    return new Caller(owner, owner, Optional.empty());
  }
}
