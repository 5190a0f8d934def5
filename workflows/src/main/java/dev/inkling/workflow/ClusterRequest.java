package dev.inkling.workflow;

import dev.inkling.plan.Keys;
import dev.inkling.spec.Compute;

/**
 * A machine that an experiment wants.
 *
 * @param experiment the plan's id
 * @param workflowId of the workflow that wants it, and that it may not outlive
 * @param generation counts the experiment's machines: one that was given up but lives on serves a
 *     queue to which nothing is sent any more
 */
public record ClusterRequest(
    String experiment, String workflowId, int generation, Compute.Provisioned compute) {
  /** What every cluster's name begins with. */
  public static final String PREFIX = "inkling-";

  private static final int READABLE = 20;
  private static final int UNIQUE = 8;

  /** The cluster's name: letters, digits and hyphens, at most 37, a function of the experiment. */
  public static String nameOf(String experiment) {
    String readable =
        experiment.length() <= READABLE ? experiment : experiment.substring(0, READABLE);
    return PREFIX
        + readable.replaceAll("[^a-z0-9-]", "-")
        + "-"
        + Keys.sha256(experiment.getBytes(java.nio.charset.StandardCharsets.UTF_8))
            .substring(0, UNIQUE);
  }

  /** The name of the cluster. */
  public String name() {
    return nameOf(experiment);
  }

  /** The task queue that this generation's workers poll, and nobody else. */
  public String queue() {
    return queueOf(experiment, generation);
  }

  /** The task queue of a generation. */
  static String queueOf(String experiment, int generation) {
    return nameOf(experiment) + "." + generation;
  }
}
