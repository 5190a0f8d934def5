package dev.inkling.provision;

import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.ClusterRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Machines whose experiment is over and that nobody gave back: a workflow that was terminated runs
 * no code of its own any more. Machines of experiments that this Temporal service does not know are
 * somebody else's and stay.
 */
public final class Orphans {
  private static final Logger log = LoggerFactory.getLogger(Orphans.class);

  /** What a service tells of its workflows is some seconds old. */
  private static final Duration YOUNG = Duration.ofMinutes(2);

  /** A machine that ends by itself may be a little late. */
  private static final Duration LATE = Duration.ofMinutes(10);

  private final Collection<Provider> providers;
  private final Experiments experiments;
  private final Clock clock;

  /** Looks at what these providers have. */
  public Orphans(Collection<Provider> providers, Experiments experiments, Clock clock) {
    this.providers = List.copyOf(providers);
    this.experiments = experiments;
    this.clock = clock;
  }

  /**
   * Ends them.
   *
   * @return the names of what was ended
   * @throws ProvisionException if one could not be ended; the others were
   */
  public List<String> end(Consumer<String> progress)
      throws ProvisionException, InterruptedException {
    List<String> ended = new ArrayList<>();
    List<ProvisionException> failed = new ArrayList<>();
    Map<String, Boolean> running = null;
    for (Provider provider : providers) {
      for (Cluster cluster : living(provider, failed)) {
        running = running == null ? runningByName() : running;
        if (orphan(cluster, running)) {
          log.warn(
              "{} is ended: {}",
              cluster.name(),
              running.getOrDefault(cluster.name(), false)
                  ? "its time or its money is over. " + cluster.detail()
                  : "it belongs to no running experiment");
          try {
            provider.release(cluster.name(), cluster.generation(), progress);
            ended.add(cluster.name());
          } catch (ProvisionException e) {
            log.warn("{} could not be ended: {}", cluster.name(), e.getMessage());
            failed.add(e);
          }
        }
      }
    }
    if (!failed.isEmpty()) {
      throw failed.getFirst();
    }
    return ended;
  }

  /** What a tool has; nothing if it cannot be asked. */
  private static List<Cluster> living(Provider provider, List<ProvisionException> failed)
      throws InterruptedException {
    try {
      return provider.list().stream().filter(Cluster::lives).toList();
    } catch (ProvisionException e) {
      // A worker without a tool has made nothing with it.
      if (e.reason() != ProvisionException.Reason.NO_TOOL) {
        log.warn("Machines of {} could not be looked at: {}", provider.name(), e.getMessage());
        failed.add(e);
      }
      return List.of();
    }
  }

  private Map<String, Boolean> runningByName() {
    Map<String, Boolean> running = new HashMap<>();
    experiments
        .known()
        .forEach((id, runs) -> running.merge(ClusterRequest.nameOf(id), runs, Boolean::logicalOr));
    return running;
  }

  private boolean orphan(Cluster cluster, Map<String, Boolean> running) {
    Boolean runs = running.get(cluster.name());
    if (runs == null) {
      return false;
    }
    Instant now = clock.instant();
    if (runs) {
      return cluster.until().filter(until -> until.plus(LATE).isBefore(now)).isPresent();
    }
    return cluster.since().filter(since -> since.plus(YOUNG).isAfter(now)).isEmpty();
  }
}
