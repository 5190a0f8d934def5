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

  Room {
    if (slots < 1) {
      throw new IllegalArgumentException("no slots");
    }
  }

  /**
   * The length that is made room for, for sequences up to a length: 64, 96, 128, 192, 256 and so
   * on, so that room is seldom made anew and at most a third of it is left empty.
   */
  static int length(int tokens) {
    int length = SHORTEST;
    while (length < tokens) {
      length = Integer.bitCount(length) == 1 ? length / 2 * 3 : length / 3 * 4;
    }
    return length;
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
