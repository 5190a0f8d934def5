package dev.inkling.model.open;

import java.util.Arrays;

/**
 * What the slots of a cache hold: also slots whose sequence has ended keep its tokens until another
 * takes their place, and a sequence that begins alike takes them over instead of reading them
 * again.
 */
final class Slots {
  /** Fewer tokens are read as fast as copied. */
  private static final int WORTHWHILE = 16;

  private final int[][] held;

  Slots(int size) {
    held = new int[size][0];
  }

  int size() {
    return held.length;
  }

  /** A slot holds keys and values of these tokens. */
  void hold(int slot, int[] ids) {
    held[slot] = ids;
  }

  /** The one slot holds what the other one does. */
  void move(int source, int target) {
    held[target] = held[source];
  }

  /**
   * Where an order finds most of what it would read.
   *
   * @param slot -1 for nowhere
   * @param common so many positions from the first on
   */
  record Beginning(int slot, int common) {
    static final Beginning NOWHERE = new Beginning(-1, 0);
  }

  Beginning find(Order order) {
    Beginning best = Beginning.NOWHERE;
    for (int slot = 0; slot < held.length; slot++) {
      int common = common(held[slot], held[slot].length, order);
      if (common > best.common()) {
        best = new Beginning(slot, common);
      }
    }
    return best;
  }

  /**
   * How many tokens an order may take over from the beginning of a sequence; 0 if it is not worth
   * it.
   */
  static int common(int[] sequence, int length, Order order) {
    int most = Math.min(length, order.sharable());
    int differs = Arrays.mismatch(sequence, 0, most, order.ids(), 0, most);
    int common = differs < 0 ? most : differs;
    return common >= WORTHWHILE || common == order.sharable() ? common : 0;
  }
}
