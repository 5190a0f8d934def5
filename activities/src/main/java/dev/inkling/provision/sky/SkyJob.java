package dev.inkling.provision.sky;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A job of a cluster, as {@code sky queue CLUSTER -o json} tells it. */
record SkyJob(String name, String status) {
  private static final String PREFIX = "inkling-worker-";
  private static final Set<String> UNDER_WAY = Set.of("INIT", "PENDING", "SETTING_UP", "RUNNING");

  /** What the job with a generation's workers is called. */
  static String nameOf(int generation) {
    return PREFIX + generation;
  }

  /**
   * The jobs of a cluster.
   *
   * @return empty if SkyPilot could not ask the cluster, which says nothing about its jobs
   */
  static Optional<List<SkyJob>> of(JsonNode json, String cluster) {
    if (!json.path(cluster).isArray()) {
      return Optional.empty();
    }
    List<SkyJob> jobs = new ArrayList<>();
    json.path(cluster)
        .forEach(
            job ->
                jobs.add(
                    new SkyJob(job.path("job_name").asText(""), job.path("status").asText(""))));
    return Optional.of(jobs);
  }

  boolean of(int generation) {
    return name.equals(nameOf(generation));
  }

  boolean underWay() {
    return UNDER_WAY.contains(status);
  }
}
