package dev.inkling.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;

class CounterTest {
  @Test
  void theBitsAreThoseOfTheJdksSplitMix64() {
    SplittableRandom jdk = new SplittableRandom(42);

    for (int i = 0; i < 1000; i++) {
      assertThat(Counter.bits(42, i)).isEqualTo(jdk.nextLong());
    }
  }

  @Test
  void noiseIsAFunctionOfRowAndPlaceAlone() {
    float[] once = new float[3 * 7];
    for (int row = 0; row < 3; row++) {
      Counter.noise(once, row * 7, 7, 5, row);
    }
    float[] again = new float[7];
    Counter.noise(again, 0, 7, 5, 1);

    assertThat(again).isEqualTo(Arrays.copyOfRange(once, 7, 14));
  }

  @Test
  void noiseIsUniformBetweenMinusOneAndOne() {
    float[] noise = new float[1 << 20];
    Counter.noise(noise, 0, noise.length, Counter.key(1, "test"), 0);
    double mean =
        IntStream.range(0, noise.length).mapToDouble(i -> noise[i]).average().orElseThrow();
    double square =
        IntStream.range(0, noise.length)
            .mapToDouble(i -> noise[i] * noise[i])
            .average()
            .orElseThrow();

    // Five standard errors of the mean (1/sqrt(3n)) and of the mean square (sqrt(4/45n)).
    assertThat(mean).isCloseTo(0, within(5 / Math.sqrt(3.0 * noise.length)));
    assertThat(square).isCloseTo(1.0 / 3, within(5 * Math.sqrt(4.0 / 45 / noise.length)));
    assertThat(noise).doesNotContain(1f);
  }

  @Test
  void normalsHaveMeanZeroAndVarianceOne() {
    int n = 200_000;
    double[] values = IntStream.range(0, n).mapToDouble(i -> Counter.normal(9, i)).toArray();

    assertThat(Arrays.stream(values).average().orElseThrow())
        .isCloseTo(0, within(5 / Math.sqrt(n)));
    assertThat(Arrays.stream(values).map(v -> v * v).average().orElseThrow())
        .isCloseTo(1, within(5 * Math.sqrt(2.0 / n)));
  }

  @Test
  void normalsAreTheInverseOfTheNormalDistribution() {
    NormalDistribution exact = NormalDistribution.of(0, 1);
    for (int i = 0; i < 20_000; i++) {
      double uniform = ((Counter.bits(4, i) >>> 12) + 0.5) * 0x1.0p-52;
      double expected = exact.inverseCumulativeProbability(uniform);

      assertThat(Counter.normal(4, i))
          .isCloseTo(expected, within(2e-6 * Math.max(1, Math.abs(expected))));
    }
  }

  @Test
  void aPermutationHoldsEveryNumberOnceAndDependsOnItsKey() {
    int[] order = Counter.permutation(1000, 3);

    assertThat(Arrays.stream(order).sorted().toArray())
        .isEqualTo(IntStream.range(0, 1000).toArray());
    assertThat(Counter.permutation(1000, 3)).isEqualTo(order);
    assertThat(Counter.permutation(1000, 4)).isNotEqualTo(order);
  }

  @Test
  void keysDifferInSeedPurposeAndEveryCoordinate() {
    assertThat(
            java.util.stream.LongStream.of(
                    Counter.key(1, "a"),
                    Counter.key(2, "a"),
                    Counter.key(1, "b"),
                    Counter.key(1, "a", 0),
                    Counter.key(1, "a", 1),
                    Counter.key(1, "a", 0, 1),
                    Counter.key(1, "a", 1, 0))
                .distinct()
                .count())
        .isEqualTo(7);
  }
}
