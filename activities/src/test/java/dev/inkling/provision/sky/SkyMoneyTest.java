package dev.inkling.provision.sky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import dev.inkling.provision.Experiments;
import dev.inkling.provision.Orphans;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A machine that costs more than the price by which its life was cut: an hour at 2.5 dollars that
 * five dollars pay for twice, where ten dollars an hour would leave half of one.
 */
@Timeout(120)
class SkyMoneyTest {
  private static final ClusterRequest REQUEST =
      SkyBench.request(1, SkyBench.compute("H100:1", Optional.of(5.0), 1, List.of()));

  @TempDir Path folder;
  private SkyBench bench;

  @BeforeEach
  void open() throws IOException {
    bench = SkyBench.in(folder);
  }

  @AfterEach
  void leaveNothing() throws Exception {
    bench.cli().down(ClusterRequest.nameOf(SkyBench.EXPERIMENT), line -> {});
  }

  private SkyProvider at(Instant moment) {
    return bench.provider(Clock.fixed(moment, ZoneOffset.UTC), bench.cloud().tool());
  }

  /** A sweep at a moment, while the experiment runs. */
  private List<String> sweep(Instant moment) throws Exception {
    Experiments running =
        new Experiments() {
          @Override
          public Map<String, Boolean> known() {
            return Map.of(SkyBench.EXPERIMENT, true);
          }

          @Override
          public void lookForOrphans() {
            throw new AssertionError("It is being looked for");
          }
        };
    return new Orphans(List.of(at(moment)), running, Clock.fixed(moment, ZoneOffset.UTC))
        .end(line -> {});
  }

  /** Whoever would have compared the price with the one that was foretold is dead. */
  @Test
  void aDearerMachineThatAKilledLaunchLeavesEndsBeforeItsMoneyDoes() throws Exception {
    bench.cloud().behave("{\"launch_seconds\": 3, \"price_at_launch\": 10}");
    bench.killInTheMiddle(true, "1", "5");

    Cluster cluster = bench.provider().ensure(REQUEST, line -> {});

    assertThat(cluster.usdPerHour().orElseThrow()).isCloseTo(10, offset(0.001));
    // Half an hour is paid for, and a sweep notices within twenty minutes.
    Instant end = cluster.until().orElseThrow();
    Instant since = cluster.since().orElseThrow();
    assertThat(end).isCloseTo(since.plus(Duration.ofMinutes(10)), within(1, ChronoUnit.SECONDS));
    assertThat(sweep(end.plus(Duration.ofMinutes(9)))).isEmpty();
    assertThat(sweep(end.plus(Duration.ofMinutes(11)))).containsExactly(REQUEST.name());
    assertThat(bench.cloud().events()).containsOnlyOnce("launched").endsWith("ended");
  }

  @ParameterizedTest
  @ValueSource(strings = {"describe", "ensure"})
  void whoeverLooksAtAMachineWhoseMoneyIsUsedUpEndsIt(String look) throws Exception {
    bench.provider().ensure(REQUEST, line -> {});
    bench.cloud().behave("{\"price_now\": 10}");
    SkyProvider early = at(Instant.now().plus(Duration.ofMinutes(9)));
    SkyProvider late = at(Instant.now().plus(Duration.ofMinutes(11)));
    assertThat(early.describe(REQUEST).lives()).isTrue();

    assertThatThrownBy(
            () -> {
              if (look.equals("describe")) {
                late.describe(REQUEST);
              } else {
                late.ensure(REQUEST, line -> {});
              }
            })
        .isInstanceOfSatisfying(
            ProvisionException.class, e -> assertThat(e.reason()).isEqualTo(Reason.QUOTA))
        .hasMessageContaining("$10.00 an hour instead of $2.50, where it may cost $5.00 in all")
        .hasMessageContaining("everything done so far is kept")
        .hasMessageContaining("Raise maxUsd");
    assertThat(bench.cli().all()).isEmpty();
  }

  /** Ten cents more are paid for by what its hour leaves of the money. */
  @ParameterizedTest
  @ValueSource(
      strings = {"{\"price_now\": 2.6}", "{\"price_now\": 1}", "{\"no_cost_report\": true}"})
  void aMachineWhoseOwnEndComesFirstKeepsIt(String behaviour) throws Exception {
    Instant until = bench.provider().ensure(REQUEST, line -> {}).until().orElseThrow();
    bench.cloud().behave(behaviour);

    assertThat(bench.provider().list())
        .singleElement()
        .extracting(Cluster::until)
        .isEqualTo(Optional.of(until));
    assertThat(bench.provider().describe(REQUEST).lives()).isTrue();
  }

  @Test
  void aMachineThatMayCostWhatItWillIsNotReckonedUp() throws Exception {
    ClusterRequest unlimited = SkyBench.request(1);
    bench.provider().ensure(unlimited, line -> {});
    bench.cloud().behave("{\"price_now\": 1000}");

    assertThat(bench.provider().describe(unlimited).usdPerHour()).contains(2.5);
    assertThat(sweep(Instant.now().plus(Duration.ofMinutes(30)))).isEmpty();
  }
}
