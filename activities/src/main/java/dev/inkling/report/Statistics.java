package dev.inkling.report;

import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * The intervals and tests of the reports; Student's and the normal distribution are Apache Commons
 * Statistics'.
 */
public final class Statistics {
  /** How sure the intervals are. */
  public static final double CONFIDENCE = 0.95;

  private static final int MOST = 1_000_000;

  private Statistics() {}

  /**
   * A mean and its interval.
   *
   * @param low and high: not a number below two values, which say nothing about their spread
   */
  public record Interval(int n, double mean, double low, double high) {
    /** Whether there is an interval and it leaves zero out. */
    public boolean excludesZero() {
      return low > 0 || high < 0;
    }
  }

  /** Student's t interval of the mean: mean +- t(n - 1) s / sqrt(n). */
  public static Interval t(double[] values) {
    int n = values.length;
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    if (n < 2) {
      return new Interval(n, mean, Double.NaN, Double.NaN);
    }
    double half = quantile(n - 1) * deviation(values, mean) / Math.sqrt(n);
    return new Interval(n, mean, mean - half, mean + half);
  }

  /**
   * The two-sided p-value of Student's t test that the mean is zero; not a number below two values.
   */
  public static double p(double[] values) {
    int n = values.length;
    if (n < 2) {
      return Double.NaN;
    }
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double error = deviation(values, mean) / Math.sqrt(n);
    if (error == 0) {
      return mean == 0 ? 1 : 0;
    }
    return 2 * TDistribution.of(n - 1).survivalProbability(Math.abs(mean / error));
  }

  /**
   * How much larger the mean of some values is than that of others that are not paired with them.
   *
   * @param low and high: the ends of the interval; not a number, as p is, where one side has fewer
   *     than two values
   */
  public record Difference(double mean, double low, double high, double degrees, double p) {}

  /**
   * Welch's t test (Welch 1947): the two sides may differ in number and in spread. The degrees of
   * freedom are Welch's and Satterthwaite's.
   */
  public static Difference welch(double[] here, double[] there) {
    double mean = t(here).mean() - t(there).mean();
    if (here.length < 2 || there.length < 2) {
      return new Difference(mean, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    }
    double a = Math.pow(deviation(here, t(here).mean()), 2) / here.length;
    double b = Math.pow(deviation(there, t(there).mean()), 2) / there.length;
    double error = Math.sqrt(a + b);
    if (error == 0) {
      return new Difference(mean, mean, mean, Double.NaN, mean == 0 ? 1 : 0);
    }
    double degrees = (a + b) * (a + b) / (a * a / (here.length - 1) + b * b / (there.length - 1));
    double half = quantile(degrees) * error;
    double p = 2 * TDistribution.of(degrees).survivalProbability(Math.abs(mean / error));
    return new Difference(mean, mean - half, mean + half, degrees, p);
  }

  /**
   * Wilson's score interval of a proportion (Wilson 1927): right also for few answers and for
   * proportions near 0 and 1.
   */
  public static Interval wilson(long hits, long n) {
    double z = NormalDistribution.of(0, 1).inverseSurvivalProbability((1 - CONFIDENCE) / 2);
    double p = (double) hits / n;
    double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * Math.sqrt(p * (1 - p) / n + z * z / (4.0 * n * n));
    return new Interval((int) n, p, Math.max(0, centre - half), Math.min(1, centre + half));
  }

  /**
   * Holm's step-down correction (Holm 1979) of several p-values; those that are not numbers do not
   * count.
   */
  public static double[] holm(double[] p) {
    Integer[] order =
        IntStream.range(0, p.length)
            .filter(i -> !Double.isNaN(p[i]))
            .boxed()
            .sorted(Comparator.comparingDouble(i -> p[i]))
            .toArray(Integer[]::new);
    double[] corrected = p.clone();
    double most = 0;
    for (int rank = 0; rank < order.length; rank++) {
      most = Math.max(most, Math.min(1, (order.length - rank) * p[order[rank]]));
      corrected[order[rank]] = most;
    }
    return corrected;
  }

  /**
   * The smallest n at which the interval would leave zero out, should mean and spread stay as they
   * are; empty if the mean is zero, or if a million would not do.
   */
  public static OptionalInt decidingN(double[] values) {
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double deviation = deviation(values, mean);
    if (values.length < 2 || mean == 0) {
      return OptionalInt.empty();
    }
    // The half width falls with n, so the first n that does is found by halving.
    int low = 2;
    int high = MOST;
    if (!decides(high, mean, deviation)) {
      return OptionalInt.empty();
    }
    while (low < high) {
      int middle = (low + high) / 2;
      if (decides(middle, mean, deviation)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return OptionalInt.of(low);
  }

  private static boolean decides(int n, double mean, double deviation) {
    return quantile(n - 1) * deviation / Math.sqrt(n) < Math.abs(mean);
  }

  private static double quantile(double degreesOfFreedom) {
    return TDistribution.of(degreesOfFreedom).inverseSurvivalProbability((1 - CONFIDENCE) / 2);
  }

  /** The sample standard deviation, with n - 1. */
  private static double deviation(double[] values, double mean) {
    return Math.sqrt(
        Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1));
  }
}
