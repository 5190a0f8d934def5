package dev.inkling.starter;

import dev.inkling.plan.Plan;
import java.util.Optional;

/**
 * Where an experiment on a machine can be. {@link CloudScene} holds it there: by what its cloud
 * does, or by the claim of a stage that somebody else has.
 */
enum Moment {
  /** Its provider has no machine, or lets it wait for one. */
  CAPACITY("EnsureCluster", "no_capacity"),
  /** The tool brings the machine up. */
  LAUNCH("EnsureCluster", "launch_seconds"),
  /** The machine is up, and its worker has not begun. */
  BOOT("GenerateDataset", "boot_seconds"),
  DATASET("GenerateDataset", ""),
  EVALUATION("Evaluate", ""),
  TRAINING("Finetune", ""),
  /** Between two stages: nothing runs on the machine. */
  PAUSE("Filter", ""),
  /** The tool ends the machine. */
  RELEASE("ReleaseCluster", "down_seconds"),
  REPORT("Report", "");

  private final String activity;
  private final String wish;

  Moment(String activity, String wish) {
    this.activity = activity;
    this.wish = wish;
  }

  /** The type of the activity that is under way. */
  String activity() {
    return activity;
  }

  /** What the cloud is told, if it holds. */
  Optional<String> wish() {
    return Optional.of(wish).filter(told -> !told.isEmpty());
  }

  /** What is being made: the first artifact of its kind. */
  String key(Plan plan) {
    return this == REPORT
        ? plan.reportKey()
        : plan.stages().stream()
            .filter(stage -> stage.task().activity().equals(activity))
            .findFirst()
            .orElseThrow()
            .key();
  }
}
