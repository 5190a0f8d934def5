package dev.inkling.stage;

import dev.inkling.plan.Spend;
import java.util.Optional;

/**
 * What a stage has done; its files lie in the work's output.
 *
 * @param summary one line for people
 * @param seconds the work done for it, over all attempts that left a checkpoint
 * @param amount how much was done, over all attempts
 * @param unit what is counted: rows or steps
 * @param spend what it has cost to ask language models, over all attempts
 */
public record Outcome(
    String summary, double seconds, long amount, String unit, Optional<Spend> spend) {
  /** What a stage has done that asks nobody. */
  public Outcome(String summary, double seconds, long amount, String unit) {
    this(summary, seconds, amount, unit, Optional.empty());
  }
}
