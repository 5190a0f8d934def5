package dev.inkling.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Against scipy (src/test/python/golden.py) and against numbers that can be worked out by hand. */
class StatisticsTest {
  private static final double EXACT = 1e-9;

  private static JsonNode golden() throws IOException {
    return new ObjectMapper().readTree(StatisticsTest.class.getResourceAsStream("golden.json"));
  }

  private static double[] values(JsonNode node) {
    return node.valueStream().mapToDouble(JsonNode::asDouble).toArray();
  }

  @Test
  void tIntervalsAndPValuesAreThoseOfScipy() throws IOException {
    for (JsonNode c : golden().path("t")) {
      double[] values = values(c.path("values"));
      Statistics.Interval interval = Statistics.t(values);

      assertThat(interval.low()).isCloseTo(c.path("low").asDouble(), within(EXACT));
      assertThat(interval.high()).isCloseTo(c.path("high").asDouble(), within(EXACT));
      assertThat(Statistics.p(values)).isCloseTo(c.path("p").asDouble(), within(EXACT));
    }
  }

  @Test
  void wilsonIntervalsAreThoseOfScipy() throws IOException {
    for (JsonNode c : golden().path("wilson")) {
      Statistics.Interval interval =
          Statistics.wilson(c.path("hits").asLong(), c.path("n").asLong());

      assertThat(interval.low()).isCloseTo(c.path("low").asDouble(), within(EXACT));
      assertThat(interval.high()).isCloseTo(c.path("high").asDouble(), within(EXACT));
    }
  }

  @Test
  void welchsTestIsThatOfScipy() throws IOException {
    for (JsonNode c : golden().path("welch")) {
      Statistics.Difference difference =
          Statistics.welch(values(c.path("here")), values(c.path("there")));

      assertThat(difference.mean()).isCloseTo(c.path("difference").asDouble(), within(EXACT));
      assertThat(difference.low()).isCloseTo(c.path("low").asDouble(), within(EXACT));
      assertThat(difference.high()).isCloseTo(c.path("high").asDouble(), within(EXACT));
      assertThat(difference.degrees()).isCloseTo(c.path("degrees").asDouble(), within(EXACT));
      assertThat(difference.p()).isCloseTo(c.path("p").asDouble(), within(EXACT));
    }
    assertThat(golden().path("welch")).hasSize(4);
  }

  @Test
  void welchsTestOfOneValueSaysTheDifferenceOnlyAndWithoutSpreadItIsCertain() {
    Statistics.Difference one = Statistics.welch(new double[] {0.5}, new double[] {0.25, 0.25});
    assertThat(one.mean()).isEqualTo(0.25);
    assertThat(one.p()).isNaN();
    assertThat(one.low()).isNaN();

    double[] flat = {0.5, 0.5};
    assertThat(Statistics.welch(flat, new double[] {0.25, 0.25}).p()).isZero();
    assertThat(Statistics.welch(flat, flat).p()).isEqualTo(1);
  }

  @Test
  void holmMultipliesTheSmallestMostAndNeverTurnsTheOrderRound() {
    assertThat(Statistics.holm(new double[] {0.01, 0.04, 0.03}))
        .containsExactly(new double[] {0.03, 0.06, 0.06}, within(EXACT));
    assertThat(Statistics.holm(new double[] {0.5, Double.NaN, 0.9}))
        .containsExactly(1, Double.NaN, 1);
  }

  @Test
  void oneValueHasNoInterval() {
    Statistics.Interval interval = Statistics.t(new double[] {0.3});

    assertThat(interval.mean()).isEqualTo(0.3);
    assertThat(interval.low()).isNaN();
    assertThat(interval.excludesZero()).isFalse();
    assertThat(Statistics.p(new double[] {0.3})).isNaN();
  }

  @Test
  void theDecidingNIsTheFirstWhoseIntervalLeavesZeroOut() {
    double[] values = {0.3, -0.1, 0.25, -0.2, 0.1};
    int n = Statistics.decidingN(values).orElseThrow();

    double mean = 0.07;
    double deviation = 0.2167948338867;
    assertThat(half(n, deviation)).isLessThan(mean);
    assertThat(half(n - 1, deviation)).isGreaterThanOrEqualTo(mean);
    assertThat(Statistics.decidingN(new double[] {1, -1})).isEmpty();
  }

  private static double half(int n, double deviation) {
    return org.apache.commons.statistics.distribution.TDistribution.of(n - 1)
            .inverseSurvivalProbability(0.025)
        * deviation
        / Math.sqrt(n);
  }

  @Test
  void identicalDifferencesHaveNoSpreadAndAreCertain() {
    assertThat(Statistics.p(new double[] {0.5, 0.5})).isZero();
    assertThat(Statistics.p(new double[] {0, 0})).isEqualTo(1);
  }
}
