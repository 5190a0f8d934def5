package dev.inkling.workflow;

import dev.inkling.plan.Keys;
import dev.inkling.spec.Compute;

/**
 * A machine that an experiment wants.
 *
 * @param experiment the plan's id
 * @param workflowId of the workflow that wants it, and that it may not outlive
 * @param generation grows from one of the workflow's machines to the next: one that was given up
 *     but lives on serves a queue to which nothing is sent any more
 */
public record ClusterRequest(
    String experiment, String workflowId, int generation, Compute.Provisioned compute) {
  /** What every cluster's name begins with. */
  public static final String PREFIX = "inkling-";

  private static final int READABLE = 20;
  private static final int UNIQUE = 8;

  /**
   * The cluster's name: letters, digits and hyphens, at most 37, a function of the workflow's id.
   * That is the experiment's own, except in a sweep: two sweeps that share a point have two
   * machines, or the one that ends first would end the other's.
   */
  public static String nameOf(String workflowId) {
    String readable =
        workflowId.length() <= READABLE ? workflowId : workflowId.substring(0, READABLE);
    return PREFIX
        + readable.replaceAll("[^a-z0-9-]", "-")
        + "-"
        + Keys.sha256(workflowId.getBytes(java.nio.charset.StandardCharsets.UTF_8))
            .substring(0, UNIQUE);
  }

  /** The name of the cluster. */
  public String name() {
    return nameOf(workflowId);
  }

  /** The task queue that this generation's workers poll, and nobody else. */
  public String queue() {
    return queueOf(workflowId, generation);
  }

  /** The task queue of a generation. */
  static String queueOf(String workflowId, int generation) {
    return nameOf(workflowId) + "." + generation;
  }
}
