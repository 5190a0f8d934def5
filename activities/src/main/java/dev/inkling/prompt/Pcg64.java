package dev.inkling.prompt;

import java.util.List;

/**
 * The random numbers of {@code numpy.random.Generator(numpy.random.PCG64(seed))}, bit for bit:
 * O'Neill's PCG XSL RR 128/64 (2014, section 6.3), a linear congruential generator of 128 bits
 * whose halves are xored and rotated into 64.
 *
 * <p>Integers are drawn as numpy draws its default dtype, int64 (numpy/random/src/pcg64/pcg64.h and
 * distributions.c): a range of at most 2^32 values takes 32 bits, and the unused upper half of a
 * 64-bit step waits for the next such draw, whichever call that is. For int64, {@code integers(low,
 * high, size=n)} therefore gives what n calls of {@code integers(low, high)} give. That is not so
 * for numpy's 8- and 16-bit dtypes, which are not offered here: they cut each 32 bits into pieces
 * and throw the rest away at the end of a call.
 *
 * <p>The stream is sequential, unlike {@code dev.inkling.tensor.Counter}: it exists so that Python
 * code's prompts can be made again, not for new uses. Not safe for several threads.
 */
public final class Pcg64 {
  private static final long MULTIPLIER_HIGH = 2549297995355413924L;
  private static final long MULTIPLIER_LOW = 4865540595714422341L;
  private static final long MASK_32 = 0xFFFF_FFFFL;

  private final long incrementHigh;
  private final long incrementLow;
  private long high;
  private long low;
  private boolean halfWaits;
  private int half;

  /**
   * Seeds as {@code PCG64(seed)} does.
   *
   * @throws IllegalArgumentException if the seed is negative
   */
  public Pcg64(long seed) {
    long[] words = new SeedSequence(seed).words(4);
    incrementHigh = words[2] << 1 | words[3] >>> 63;
    incrementLow = words[3] << 1 | 1;
    high = words[0];
    low = words[1];
    addIncrement();
    step();
  }

  /** The next 64 bits, as {@code bit_generator.random_raw()}; a waiting half goes on waiting. */
  public long nextLong() {
    step();
    return Long.rotateRight(high ^ low, (int) (high >>> 58));
  }

  /** The next 32 bits: the lower half of 64 new ones, then their upper half. */
  int nextInt() {
    if (halfWaits) {
      halfWaits = false;
      return half;
    }
    long both = nextLong();
    halfWaits = true;
    half = (int) (both >>> 32);
    return (int) both;
  }

  /**
   * A whole number from low (inclusive) to high (exclusive), all equally probable.
   *
   * @throws IllegalArgumentException if there is none
   */
  public long integers(long low, long high) {
    if (low >= high) {
      throw new IllegalArgumentException(
          "no whole number lies from " + low + " to below " + high + "; the second must be larger");
    }
    long last = high - 1 - low; // unsigned: from Long.MIN_VALUE to Long.MAX_VALUE it is 2^64 - 2
    if (last == 0) {
      return low; // and nothing is drawn
    }
    return low + (Long.compareUnsigned(last, MASK_32) <= 0 ? below32(last + 1) : below64(last + 1));
  }

  /** So many of them: {@code integers(low, high, size=count)}. */
  public long[] integers(long low, long high, int count) {
    long[] drawn = new long[count];
    for (int i = 0; i < count; i++) {
      drawn[i] = integers(low, high);
    }
    return drawn;
  }

  /** One of a list, as {@code choice(list)}: an index below its size; a list of one draws none. */
  public <T> T choice(List<T> list) {
    return list.get((int) integers(0, list.size()));
  }

  /**
   * Lemire's method (2019, "Fast random integer generation in an interval", algorithm 5): the upper
   * half of bits times bound, drawn again while the lower half is among the few values that would
   * make some results more probable. A bound of 2^32, for which numpy has a case of its own, gives
   * the bits themselves.
   */
  private long below32(long bound) {
    long product = Integer.toUnsignedLong(nextInt()) * bound;
    if ((product & MASK_32) < bound) {
      long threshold = ((1L << 32) - bound) % bound;
      while ((product & MASK_32) < threshold) {
        product = Integer.toUnsignedLong(nextInt()) * bound;
      }
    }
    return product >>> 32;
  }

  /** The same with a product of 128 bits; the bound is unsigned. */
  private long below64(long bound) {
    long bits = nextLong();
    if (Long.compareUnsigned(bits * bound, bound) < 0) {
      long threshold = Long.remainderUnsigned(-bound, bound);
      while (Long.compareUnsigned(bits * bound, threshold) < 0) {
        bits = nextLong();
      }
    }
    return Math.unsignedMultiplyHigh(bits, bound);
  }

  private void step() {
    high =
        Math.unsignedMultiplyHigh(low, MULTIPLIER_LOW)
            + high * MULTIPLIER_LOW
            + low * MULTIPLIER_HIGH;
    low *= MULTIPLIER_LOW;
    addIncrement();
  }

  private void addIncrement() {
    low += incrementLow;
    high += incrementHigh + (Long.compareUnsigned(low, incrementLow) < 0 ? 1 : 0);
  }
}
