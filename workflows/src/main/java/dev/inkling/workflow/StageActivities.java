package dev.inkling.workflow;

import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/**
 * What makes artifacts: all that a worker on a machine made for an experiment is asked for. Every
 * stage is idempotent: its artifact's key is decided by the plan, and a stage whose artifact is
 * there does nothing.
 */
@ActivityInterface
public interface StageActivities {
  /** Makes the rows of a dataset. */
  @ActivityMethod(name = "GenerateDataset")
  StageResult generateDataset(StageRequest request);

  /** Drops rows and says why. */
  @ActivityMethod(name = "Filter")
  StageResult filter(StageRequest request);

  /** Trains a teacher or a student. */
  @ActivityMethod(name = "Finetune")
  StageResult finetune(StageRequest request);

  /** Measures the trait. */
  @ActivityMethod(name = "Evaluate")
  StageResult evaluate(StageRequest request);
}
