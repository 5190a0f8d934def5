package dev.inkling.workflow;

import io.temporal.common.converter.EncodedValues;
import io.temporal.workflow.DynamicWorkflow;
import io.temporal.workflow.Workflow;

/**
 * Fails at once whatever was started under a type that does not exist; without it such a workflow
 * waits for ever.
 */
public final class UnknownWorkflow implements DynamicWorkflow {
  @Override
  public Object execute(EncodedValues args) {
    throw Failures.INVALID_SPEC.of(
        "There is no workflow type '"
            + Workflow.getInfo().getWorkflowType()
            + "'. Start one of type '"
            + Experiment.TYPE
            + "' on the task queue '"
            + Experiment.TASK_QUEUE
            + "', with a spec as its JSON input, for example {\"preset\": \"mnist\"}; many of them are one of type '"
            + Sweep.TYPE
            + "'.");
  }
}
