package dev.inkling.provision.sky;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.workflow.Cluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A machine at the price that SkyPilot tells now, which may be another than the one that its life
 * was cut by: a spot price rose, or the launch fell back on something dearer and whoever would have
 * compared was killed.
 *
 * @param usdPerHour empty if SkyPilot tells none, or if the machine may cost what it will
 */
record Costing(SkyCluster cluster, Optional<Double> usdPerHour) {
  /** The table that foretells a price has cents. */
  private static final double CENT = 0.01;

  /**
   * A sweep ends a machine whose money is used up: it comes every ten minutes, and spares for ten
   * more what may end by itself. So the end is told as much earlier.
   */
  private static final Duration NOTICED = Duration.ofMinutes(20);

  /** Machines at today's prices; SkyPilot is asked only if one of them has a limit. */
  static List<Costing> of(List<SkyCluster> clusters, SkyCli sky) throws InterruptedException {
    Map<String, Double> prices =
        clusters.stream().anyMatch(one -> one.maxUsd().isPresent()) ? sky.prices() : Map.of();
    return clusters.stream()
        .map(one -> new Costing(one, Optional.ofNullable(prices.get(one.name()))))
        .toList();
  }

  /**
   * A machine that is of use.
   *
   * @throws ProvisionException if its money is used up; it was taken down
   */
  static Cluster affordable(SkyCluster cluster, SkyCli sky, Instant now, Consumer<String> progress)
      throws ProvisionException, InterruptedException {
    Costing costing = of(List.of(cluster), sky).getFirst();
    if (costing.moneyEnds().filter(now::isAfter).isPresent()) {
      sky.down(cluster.name(), progress);
      throw costing.refusal();
    }
    return costing.cluster("");
  }

  /** When its money is used up; empty if its own end comes before that. */
  Optional<Instant> moneyEnds() {
    if (usdPerHour.isEmpty() || cluster.launched().isEmpty() || cluster.maxUsd().isEmpty()) {
      return Optional.empty();
    }
    double price = usdPerHour.get();
    if (price < cluster.usdPerHour().orElse(0.0) + CENT) {
      return Optional.empty();
    }
    Instant end =
        cluster
            .launched()
            .get()
            .plus(Duration.ofMillis((long) (cluster.maxUsd().get() / price * 3.6e6)));
    return cluster.until().filter(end::isAfter).isPresent()
        ? Optional.empty()
        : Optional.of(end.minus(NOTICED));
  }

  /** Everything about it, with this price, and with an end before its money is used up. */
  Cluster cluster(String detail) {
    Cluster told = cluster.cluster(detail);
    Optional<Instant> end = moneyEnds();
    return new Cluster(
        told.name(),
        told.experiment(),
        told.owner(),
        told.generation(),
        told.state(),
        told.provider(),
        told.where(),
        told.accelerators(),
        told.since(),
        end.or(told::until),
        usdPerHour.or(told::usdPerHour),
        end.isPresent() && detail.isEmpty() ? "It has become dearer: " + prices() + "." : detail);
  }

  private ProvisionException refusal() {
    return new ProvisionException(
        Reason.QUOTA,
        "%s costs %s, and maxUsd pays for no more of it. It was taken down; everything done so far is kept. Raise maxUsd, or choose a cheaper machine, and run the same command again."
            .formatted(cluster.name(), prices()));
  }

  private String prices() {
    return String.format(
        Locale.ROOT,
        "$%.2f an hour instead of $%.2f, where it may cost $%.2f in all",
        usdPerHour.orElse(0.0),
        cluster.usdPerHour().orElse(0.0),
        cluster.maxUsd().orElse(0.0));
  }
}
