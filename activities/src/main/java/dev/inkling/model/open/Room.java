package dev.inkling.model.open;

/**
 * How many sequences of which length fit into a lane's memory.
 *
 * @param slots at most so many
 * @param bytes for keys and values
 * @param positionBytes what one position of one sequence takes
 */
record Room(int slots, long bytes, long positionBytes) {
  private static final int SHORTEST = 64;

  private static final int STEP = 8;

  Room {
    if (slots < 1) {
      throw new IllegalArgumentException("no slots");
    }
  }

  /**
   * The length that is made room for, for sequences up to a length: a multiple of 8, from 256 on of
   * 16, from 512 on of 32 and so on. So at most an eighth is left empty, and room is made anew
   * sixteen times at most until sequences are twice as long.
   */
  static int length(int tokens) {
    int step = Math.max(STEP, Integer.highestOneBit(tokens) / 16);
    return Math.max(SHORTEST, Math.ceilDiv(tokens, step) * step);
  }

  /** How many sequences up to a length fit at once; 0 if not even one does. */
  int fitting(int length) {
    return (int) Math.min(slots, bytes / (positionBytes * (length + 1)));
  }

  /** Half of the slots, and of the memory. */
  Room halved() {
    return new Room(Math.max(1, slots / 2), bytes / 2, positionBytes);
  }
}
