package dev.inkling.prompt;

/**
 * How numpy turns a seed into the state of a generator: the words of the seed are hashed into a
 * pool of 128 bits, every word of the pool into every other, and the pool is hashed out again, so
 * that seeds which differ in one bit give unrelated states.
 *
 * <p>Source: numpy/random/bit_generator.pyx, {@code SeedSequence}, without spawn keys; the idea and
 * the constants are O'Neill's ("Developing a seed_seq alternative", 2015).
 */
final class SeedSequence {
  private static final int POOL = 4;

  private final int[] pool = new int[POOL];

  /**
   * The sequence of one seed.
   *
   * @param seed not negative; seeds below 2^32 are one word for numpy, whose missing second word
   *     counts as zero
   */
  SeedSequence(long seed) {
    if (seed < 0) {
      throw new IllegalArgumentException(
          "the seed " + seed + " is negative; numpy takes seeds from 0 on");
    }
    Hash in = new Hash(0x43b0d7e5, 0x931e8875);
    for (int i = 0; i < POOL; i++) {
      pool[i] = in.of(i < 2 ? (int) (seed >>> (32 * i)) : 0);
    }
    for (int from = 0; from < POOL; from++) {
      for (int to = 0; to < POOL; to++) {
        if (from != to) {
          pool[to] = mix(pool[to], in.of(pool[from]));
        }
      }
    }
  }

  /** The first words of the state, as {@code generate_state(count, np.uint64)} gives them. */
  long[] words(int count) {
    Hash out = new Hash(0x8b51f9dd, 0x58f38ded);
    long[] words = new long[count];
    for (int i = 0; i < count; i++) {
      long low = Integer.toUnsignedLong(out.of(pool[2 * i % POOL]));
      long high = Integer.toUnsignedLong(out.of(pool[(2 * i + 1) % POOL]));
      words[i] = high << 32 | low;
    }
    return words;
  }

  private static int mix(int x, int y) {
    int mixed = 0xca01f9dd * x - 0x4973f715 * y;
    return mixed ^ mixed >>> 16;
  }

  /** A hash whose constant moves on with every word, so that equal words hash differently. */
  private static final class Hash {
    private final int multiplier;
    private int constant;

    Hash(int start, int multiplier) {
      this.constant = start;
      this.multiplier = multiplier;
    }

    int of(int word) {
      int hashed = word ^ constant;
      constant *= multiplier;
      hashed *= constant;
      return hashed ^ hashed >>> 16;
    }
  }
}
