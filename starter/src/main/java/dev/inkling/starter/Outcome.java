package dev.inkling.starter;

import dev.inkling.workflow.ExperimentResult;

/** How an experiment ended. */
sealed interface Outcome {
  /** With a report. */
  record Done(ExperimentResult result) implements Outcome {}

  /** With a reason. */
  record Failed(String message) implements Outcome {}

  /** Cancelled or terminated by somebody. */
  record Ended(String how) implements Outcome {}
}
