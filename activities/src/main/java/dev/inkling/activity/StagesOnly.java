package dev.inkling.activity;

import dev.inkling.workflow.StageActivities;
import dev.inkling.workflow.StageRequest;
import dev.inkling.workflow.StageResult;

/**
 * The stages alone: Temporal registers every activity that an object has, and a worker on a machine
 * that was made for stages has no business with plans and reports.
 *
 * @param all those of a worker that does everything
 */
public record StagesOnly(InklingActivities all) implements StageActivities {
  @Override
  public StageResult generateDataset(StageRequest request) {
    return all.generateDataset(request);
  }

  @Override
  public StageResult filter(StageRequest request) {
    return all.filter(request);
  }

  @Override
  public StageResult finetune(StageRequest request) {
    return all.finetune(request);
  }

  @Override
  public StageResult evaluate(StageRequest request) {
    return all.evaluate(request);
  }
}
