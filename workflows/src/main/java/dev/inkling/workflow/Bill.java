package dev.inkling.workflow;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What machines have taken of an experiment's time and money. */
final class Bill {
  private int used;
  private int lost;
  private Duration waited = Duration.ZERO;
  private Duration waitedAfterLoss = Duration.ZERO;
  private Duration lived = Duration.ZERO;
  private Instant up = Instant.EPOCH;

  /** Since when a stage has nobody to do it; null while it has, or none is under way. */
  private @Nullable Instant silent;

  private double usd;
  private boolean priced = true;

  /** A stage fell silent; what is waited for from now on is the loss's. */
  void silent(Instant noticed) {
    silent = silent == null ? noticed : silent;
  }

  /** A stage has ended, or nobody waits for it any more. */
  void served() {
    silent = null;
  }

  /** A machine is up that was wanted for so long, or since the one before was silent. */
  void up(Instant wanted, Instant now) {
    Duration wait = Duration.between(silent == null ? wanted : silent, now);
    waited = waited.plus(wait);
    waitedAfterLoss = silent == null ? waitedAfterLoss : waitedAfterLoss.plus(wait);
    silent = null;
    up = now;
    used++;
  }

  /** The machine was lost. */
  void lost() {
    lost++;
  }

  /** The machine is gone: it was lost, has ended by itself, or was given back. */
  void gone(Cluster cluster, Instant then) {
    Optional<Double> cost = cluster.usd(then);
    usd += cost.orElse(0.0);
    priced &= cost.isPresent();
    // What costs does so from the launch on; a job that waits in a queue is no machine yet.
    Instant from = cost.isPresent() ? cluster.since().orElse(up) : up;
    lived = from.isBefore(then) ? lived.plus(Duration.between(from, then)) : lived;
  }

  /** What machines that are gone have cost, as far as prices are known. */
  double usd() {
    return usd;
  }

  /** The losses so far, for people; empty if there were none. */
  String losses() {
    return lost == 0
        ? ""
        : "; %d lost, %d min waited for machines".formatted(lost, waited.toMinutes());
  }

  /** All in all; empty if there was no machine. */
  Optional<MachineUse> total() {
    return used == 0
        ? Optional.empty()
        : Optional.of(
            new MachineUse(
                used,
                lost,
                rounded(waited.toMillis() / 6e4),
                rounded(waitedAfterLoss.toMillis() / 6e4),
                rounded(lived.toMillis() / 3.6e6),
                priced ? Optional.of(rounded(usd)) : Optional.empty()));
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
