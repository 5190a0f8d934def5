package dev.inkling.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * One model of an ensemble: the {@code index}-th of a seed. Its randomness depends on the two
 * alone, so it comes out the same however many train beside it.
 */
public record Member(long seed, int index) {

  /** Every model of every seed, seed by seed. */
  public static List<Member> all(List<Long> seeds, int models) {
    List<Member> members = new ArrayList<>();
    for (long seed : seeds) {
      for (int index = 0; index < models; index++) {
        members.add(new Member(seed, index));
      }
    }
    return members;
  }

  /** The key of one of this model's streams of random numbers. */
  public long key(String purpose, long... coordinates) {
    long[] all = new long[coordinates.length + 1];
    all[0] = index;
    System.arraycopy(coordinates, 0, all, 1, coordinates.length);
    return Counter.key(seed, purpose, all);
  }
}
