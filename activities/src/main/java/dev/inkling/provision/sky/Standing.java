package dev.inkling.provision.sky;

import java.util.List;
import java.util.Optional;

/** What a cluster is to a generation. */
enum Standing {
  /** Its worker runs, or is about to. */
  SERVES,
  /** A launch is under way, or nobody can say. */
  COMING,
  /** Its worker has ended, the machine is being taken down, or it is off. */
  ENDED,
  /** It was made for a generation that was given up. */
  EARLIER,
  /** It was made for a generation that came after. */
  LATER;

  /**
   * Judges a cluster.
   *
   * @param jobs empty if they cannot be known now
   */
  static Standing of(SkyCluster cluster, Optional<List<SkyJob>> jobs, int generation) {
    // Without a readable label the jobs' names tell.
    if (cluster.generation() > generation) {
      return LATER;
    }
    if (cluster.generation() > 0 && cluster.generation() < generation) {
      return EARLIER;
    }
    switch (cluster.status()) {
      case AUTOSTOPPING, STOPPED -> {
        return ENDED;
      }
      case INIT, UP -> {}
    }
    List<SkyJob> own = jobs.orElse(List.of()).stream().filter(job -> job.of(generation)).toList();
    if (own.stream().anyMatch(SkyJob::underWay)) {
      return SERVES;
    }
    return own.isEmpty() ? COMING : ENDED;
  }
}
