package dev.inkling.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A machine, or several, that was made for an experiment.
 *
 * @param name a function of the experiment's workflow: {@link ClusterRequest#nameOf}
 * @param experiment for whom; empty if its label cannot be read
 * @param owner who made it, the name of a person's account
 * @param generation which one of the experiment's: a later one has a larger number; 0 if its label
 *     cannot be read
 * @param provider slurm, sky or modal
 * @param where the partition, cloud or region
 * @param accelerators kind and number of GPUs, as {@code H100:1}; empty for none
 * @param since when it was asked for
 * @param until when it ends whatever happens; empty if it carries no end of its own
 * @param usdPerHour its price; empty if nobody knows
 * @param detail what people should know, for example why it waits
 */
public record Cluster(
    String name,
    String experiment,
    String owner,
    int generation,
    State state,
    String provider,
    String where,
    String accelerators,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Instant> since,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Instant> until,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Double> usdPerHour,
    String detail) {

  /** The life of a cluster. */
  public enum State {
    /** Asked for; there is no machine yet. */
    PENDING,
    /** A machine is there, its worker perhaps not yet. */
    UP,
    /** There is nothing of that name, or what was there has ended. */
    GONE
  }

  /** Nothing bears the name. */
  public static Cluster gone(ClusterRequest request, String provider, String detail) {
    return ended(request, provider, Optional.empty(), Optional.empty(), detail);
  }

  /**
   * It was there and has ended.
   *
   * @param since when it was asked for; empty if nobody knows
   * @param detail why, and where more is to be read
   */
  public static Cluster ended(
      ClusterRequest request,
      String provider,
      Optional<Instant> since,
      Optional<Double> usdPerHour,
      String detail) {
    return new Cluster(
        request.name(),
        request.experiment(),
        "",
        request.generation(),
        State.GONE,
        provider,
        "",
        "",
        since,
        Optional.empty(),
        usdPerHour,
        detail);
  }

  /** Whether there is something that costs or will cost. */
  public boolean lives() {
    return state != State.GONE;
  }

  /** What it has cost until then, in US dollars; empty if nobody knows. */
  public Optional<Double> usd(Instant now) {
    return usdPerHour.flatMap(
        price ->
            since.map(from -> price * Math.max(0, Duration.between(from, now).toMillis()) / 3.6e6));
  }
}
