package dev.inkling.workflow;

import java.util.List;

/** One look; the next one comes by the schedule. */
public final class ClusterSweepWorkflow implements ClusterSweep {
  @Override
  public List<String> run() {
    return Calls.cluster().sweep();
  }
}
