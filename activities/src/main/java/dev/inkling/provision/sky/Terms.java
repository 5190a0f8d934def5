package dev.inkling.provision.sky;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.spec.Compute;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * How long a machine may live, and what that may cost.
 *
 * @param work how long its workers run at most, from the launch on
 * @param autostop minutes after which SkyPilot takes it down once they have ended
 * @param until when it is gone whatever happens
 * @param usdPerHour its price; empty if SkyPilot knows none
 */
record Terms(Duration work, int autostop, Instant until, Optional<Double> usdPerHour) {
  /**
   * The worker itself ends after the spec's idle minutes, and a machine without a job is of no use.
   * So SkyPilot waits no longer than that, and at most this long, in minutes.
   */
  private static final int AUTOSTOP = 5;

  /** SkyPilot looks for idle machines about once in a minute, and taking down takes its time. */
  private static final Duration TICKS = Duration.ofMinutes(2);

  /** Bringing a machine up for less work than this is a waste of both. */
  private static final Duration LEAST = Duration.ofMinutes(5);

  /** The terms of a launch at this moment that may cost what it will. */
  static Terms unpriced(Compute.Sky compute, Instant now) {
    return of(compute, compute.lifetime(), Optional.empty(), now);
  }

  /**
   * The terms of a launch at this moment.
   *
   * @throws ProvisionException if the price is unknown or beyond the spec's {@code maxUsd}
   */
  static Terms of(
      Compute.Sky compute, Compute.Candidate candidate, Optional<Double> usdPerHour, Instant now)
      throws ProvisionException {
    Duration work = compute.lifetime();
    if (compute.maxUsd().isPresent()) {
      double dollars = compute.maxUsd().get();
      double price =
          usdPerHour.orElseThrow(
              () ->
                  new ProvisionException(
                      Reason.QUOTA,
                      "SkyPilot knows no price of %s, so it cannot be held to maxUsd: %s. Nothing was"
                              .formatted(Candidates.words(candidate), dollars(dollars))
                          + " launched. Leave maxUsd out and limit maxHours, or name a cloud whose"
                          + " prices SkyPilot knows (sky gpus list)."));
      Duration paid =
          Duration.ofMillis((long) (dollars / price * 3.6e6)).minus(after(autostop(compute)));
      if (paid.compareTo(LEAST) < 0) {
        throw new ProvisionException(
            Reason.QUOTA,
            "maxUsd: %s pays for less than %d minutes of %s at %s an hour. Nothing was launched. Raise maxUsd, or choose a cheaper machine."
                .formatted(
                    dollars(dollars),
                    LEAST.plus(after(autostop(compute))).toMinutes(),
                    Candidates.words(candidate),
                    dollars(price)));
      }
      work = paid.compareTo(work) < 0 ? paid : work;
    }
    return of(compute, work, usdPerHour, now);
  }

  private static Terms of(
      Compute.Sky compute, Duration work, Optional<Double> usdPerHour, Instant now) {
    int autostop = autostop(compute);
    return new Terms(work, autostop, now.plus(work).plus(after(autostop)), usdPerHour);
  }

  private static int autostop(Compute.Sky compute) {
    return Math.min(compute.idleMinutes(), AUTOSTOP);
  }

  /** From the end of the work to that of the machine. */
  private static Duration after(int autostop) {
    return TICKS.plusMinutes(autostop);
  }

  /** When its workers end. */
  Instant workEnds() {
    return until.minus(after(autostop));
  }

  /** Whether a higher price than was foretold would pay for less time than was given. */
  boolean allow(Optional<Double> limit, double price) {
    return limit.isEmpty()
        || price * work.plus(after(autostop)).toMillis() / 3.6e6 <= limit.get() + 0.005;
  }

  private static String dollars(double amount) {
    return String.format(Locale.ROOT, "$%.2f", amount);
  }
}
