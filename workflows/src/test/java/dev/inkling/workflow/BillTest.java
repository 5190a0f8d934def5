package dev.inkling.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What machines take, by the minute. */
class BillTest {
  private static final Instant BEGIN = Instant.parse("2026-11-22T12:00:00Z");
  private final Bill bill = new Bill();

  private static Instant at(int minute) {
    return BEGIN.plus(Duration.ofMinutes(minute));
  }

  private static Cluster machine(int since, Optional<Double> usdPerHour) {
    return new Cluster(
        "inkling-owl",
        "owl",
        "ada",
        1,
        Cluster.State.UP,
        "sky",
        "aws",
        "H100:1",
        Optional.of(at(since)),
        Optional.empty(),
        usdPerHour,
        "");
  }

  @Test
  void aLossCostsTheTimeFromWhenItWasNoticedUntilTheNextMachineIsUp() {
    bill.up(at(0), at(5));
    bill.silent(at(60)); // the machine was there still
    bill.silent(at(70));
    bill.lost();
    bill.gone(machine(0, Optional.of(3.0)), at(71));
    bill.up(at(71), at(84));
    bill.served();
    bill.gone(machine(72, Optional.of(3.0)), at(192));

    MachineUse use = bill.total().orElseThrow();

    assertThat(use).isEqualTo(new MachineUse(2, 1, 29, 24, 3.18, Optional.of(9.55)));
    assertThat(use.sentence())
        .isEqualTo(
            "2 used for 3.18 hours, $9.55, 1 lost; 29.0 minutes waited for machines, 24.0 of these"
                + " after losses");
  }

  @Test
  void aWorkerThatFallsSilentAndComesBackLosesNoMachine() {
    bill.up(at(0), at(5));
    bill.silent(at(60));
    bill.served();
    bill.gone(machine(0, Optional.of(3.0)), at(120));
    bill.up(at(500), at(510));

    assertThat(bill.total().orElseThrow().waitedMinutes()).isEqualTo(15);
    assertThat(bill.total().orElseThrow().lostMinutes()).isZero();
  }

  /** A job that waits in a queue is no machine yet. */
  @Test
  void whatHasNoPriceCountsFromWhenItWasUp() {
    bill.up(at(0), at(300));
    bill.gone(machine(0, Optional.empty()), at(360));

    assertThat(bill.total()).contains(new MachineUse(1, 0, 300, 0, 1, Optional.empty()));
    assertThat(bill.total().orElseThrow().sentence())
        .isEqualTo("1 used for 1.00 hours, no price known; 300.0 minutes waited for machines");
  }

  @Test
  void withoutAMachineThereIsNoBill() {
    assertThat(bill.total()).isEmpty();
  }
}
