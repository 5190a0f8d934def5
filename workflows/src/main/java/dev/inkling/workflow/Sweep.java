package dev.inkling.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import org.jspecify.annotations.Nullable;

/**
 * A grid of experiments, each a child workflow of its own; see {@link dev.inkling.spec.SweepSpec}.
 *
 * <p>A point that fails is counted and the others go on. The sweep's own history stays small: after
 * some hundreds of points it begins a new one.
 */
@WorkflowInterface
public interface Sweep {
  /** The workflow's type. */
  String TYPE = "Sweep";

  /**
   * Runs every point once.
   *
   * @param sweep the sweep as JSON
   * @param carried where an earlier run of the same sweep stopped; nothing for people to give
   */
  @WorkflowMethod(name = TYPE)
  SweepResult run(@Nullable JsonNode sweep, @Nullable SweepState carried);

  /** Where it stands. */
  @QueryMethod(description = "How many points are done, and which failed first")
  SweepProgress progress();

  /** No further point begins; those under way go on. */
  @UpdateMethod(description = "No further point begins; those under way go on")
  void pause();

  /** Goes on after a pause. */
  @UpdateMethod(description = "Go on after a pause")
  void unpause();
}
