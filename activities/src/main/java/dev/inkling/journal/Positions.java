package dev.inkling.journal;

import java.util.Arrays;

/** Where the line of each index lies: 12 bytes for each, and no objects. */
final class Positions {
  private long[] offsets = new long[1024];

  /** Which segment, counted from 1; 0 for an index that has no line. */
  private int[] segments = new int[1024];

  private long count;

  boolean has(long index) {
    return index >= 0 && index < segments.length && segments[(int) index] > 0;
  }

  /**
   * Puts an index in its place, unless it has one.
   *
   * @return whether it had none
   */
  boolean put(long index, int segment, long offset) {
    if (has(index)) {
      return false;
    }
    if (index < 0 || index > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "A journal counts from 0 to " + (Integer.MAX_VALUE - 8) + "; this is " + index);
    }
    if (index >= segments.length) {
      int length = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(index + 1, 2L * segments.length));
      offsets = Arrays.copyOf(offsets, length);
      segments = Arrays.copyOf(segments, length);
    }
    segments[(int) index] = segment + 1;
    offsets[(int) index] = offset;
    count++;
    return true;
  }

  int segment(long index) {
    return segments[(int) index] - 1;
  }

  long offset(long index) {
    return offsets[(int) index];
  }

  long count() {
    return count;
  }

  /** The smallest index from here on that has a line, or -1. */
  long next(long from) {
    for (long i = from; i < segments.length; i++) {
      if (segments[(int) i] > 0) {
        return i;
      }
    }
    return -1;
  }
}
