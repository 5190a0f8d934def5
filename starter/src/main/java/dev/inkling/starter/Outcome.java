package dev.inkling.starter;

import dev.inkling.workflow.ExperimentResult;

/** How an experiment ended. */
sealed interface Outcome {
  /** What people read, with what they can do next up to the command. */
  String sentence();

  /** With a report. */
  record Done(ExperimentResult result) implements Outcome {
    @Override
    public String sentence() {
      return "Done: "
          + result.made()
          + " stages made, "
          + result.reused()
          + " reused."
          + result.machines().map(use -> "\nMachines: " + use.sentence() + ".").orElse("");
    }
  }

  /** With a reason. */
  record Failed(String message) implements Outcome {
    @Override
    public String sentence() {
      return "The experiment failed.\n" + message + "\nTo go on from what is stored:";
    }
  }

  /** Cancelled or terminated by somebody. */
  record Ended(String how) implements Outcome {
    @Override
    public String sentence() {
      return "The experiment was " + how + "; everything done so far is kept. To go on:";
    }
  }
}
