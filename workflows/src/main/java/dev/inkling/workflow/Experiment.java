package dev.inkling.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.spec.Budget;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import org.jspecify.annotations.Nullable;

/**
 * One experiment, from its spec to its figure.
 *
 * <p>The input is the spec as JSON, the same that a YAML file says; it is taken raw and resolved by
 * an activity, so that every mistake in it fails the workflow at once with a message for people.
 */
@WorkflowInterface
public interface Experiment {
  /** The workflow's type. */
  String TYPE = "Experiment";

  /** The task queue of ordinary workers. */
  String TASK_QUEUE = "inkling";

  /** Runs the experiment; a second run with the same spec reuses every artifact of the first. */
  @WorkflowMethod(name = TYPE)
  ExperimentResult run(@Nullable JsonNode spec);

  /** Where it stands: the stages and their states. */
  @QueryMethod(description = "The stages and where each stands")
  Progress progress();

  /**
   * Running stages reach their next checkpoint and wait; nothing is lost, however long the pause.
   */
  @UpdateMethod(description = "Stages reach their next checkpoint and wait")
  void pause();

  /** Goes on after a pause. */
  @UpdateMethod(description = "Go on after a pause")
  void unpause();

  /** Another budget; an experiment that parked because the former one ended goes on. */
  @UpdateMethod(
      description = "Set the budget, for example {\"usd\": 20}; a parked experiment goes on")
  void budget(Budget budget);
}
