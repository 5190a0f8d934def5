package dev.inkling.tensor;

/**
 * Counter-based randomness: every number is a function of a key and a position, never of the order of calls, so a resumed
 * run draws what an uninterrupted one would have drawn.
 *
 * <p>The bits are those of SplitMix64 (Steele, Lea and Flood 2014, figure 16, with Stafford's mix 13): {@code bits(key, n)}
 * is the {@code n}-th value of {@code new java.util.SplittableRandom(key).nextLong()}.
 */
public final class Counter {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final double TO_UNIT = 0x1.0p-53;

  private Counter() {}

  /** The key of one stream of random numbers: a seed, what it is for, and any further coordinates. */
  public static long key(long seed, String purpose, long... coordinates) {
    long key = mix(seed + GOLDEN);
    for (int i = 0; i < purpose.length(); i++) {
      key = mix((key ^ purpose.charAt(i)) + GOLDEN);
    }
    for (long coordinate : coordinates) {
      key = mix((key ^ mix(coordinate + GOLDEN)) + GOLDEN);
    }
    return key;
  }

  /** 64 random bits. */
  public static long bits(long key, long position) {
    return mix(key + (position + 1) * GOLDEN);
  }

  /** Uniform in [0, 1), 53 bits. */
  public static double uniform(long key, long position) {
    return (bits(key, position) >>> 11) * TO_UNIT;
  }

  /** Uniform among 0 .. bound - 1; the bias is below bound / 2^32. */
  public static int below(int bound, long key, long position) {
    return (int) (((bits(key, position) >>> 32) * bound) >>> 32);
  }

  /** Standard normal (Box and Muller 1958); StrictMath, so that every machine gives the same bits. */
  public static double normal(long key, long position) {
    double u = 1 - uniform(key, 2 * position);
    double angle = 2 * Math.PI * uniform(key, 2 * position + 1);
    return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(angle);
  }

  /** A random order of 0 .. n - 1 (Fisher and Yates). */
  public static int[] permutation(int n, long key) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
      int j = below(i + 1, key, i);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  /**
   * Fills a row with uniform noise in [-1, 1), 24 bits each, two values from one position: value {@code i} of row {@code
   * row} is a function of the key, the row and {@code i} alone.
   */
  public static void noise(float[] target, int offset, int length, long key, long row) {
    int pairs = (length + 1) / 2;
    long first = key + (row * pairs + 1) * GOLDEN;
    for (int j = 0; j < length / 2; j++) {
      long bits = mix(first + j * GOLDEN);
      target[offset + 2 * j] = (int) (bits >>> 40) * 0x1.0p-23f - 1f;
      target[offset + 2 * j + 1] = (int) (bits >>> 16 & 0xFFFFFF) * 0x1.0p-23f - 1f;
    }
    if (length % 2 == 1) {
      target[offset + length - 1] = (int) (mix(first + (pairs - 1) * GOLDEN) >>> 40) * 0x1.0p-23f - 1f;
    }
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
