package dev.inkling.workflow;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/**
 * Ends the machines of experiments that are over: a terminated workflow runs no code of its own any
 * more. Started by a schedule.
 */
@WorkflowInterface
public interface ClusterSweep {
  /** The workflow's type. */
  String TYPE = "ClusterSweep";

  /** The schedule, and what its workflows' ids begin with. */
  String SCHEDULE = "inkling-clusters";

  /**
   * Looks once.
   *
   * @return the names of what was ended
   */
  @WorkflowMethod(name = TYPE)
  List<String> run();
}
