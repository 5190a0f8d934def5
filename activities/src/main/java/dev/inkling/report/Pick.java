package dev.inkling.report;

import dev.inkling.tensor.Counter;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A few of many, drawn at random and yet always the same: those whose numbers are the smallest.
 * However many are offered, only these few are kept.
 */
final class Pick<T> {
  private record Offered<T>(long position, long number, T value) {}

  private final int count;
  private final long key;
  private final PriorityQueue<Offered<T>> smallest =
      new PriorityQueue<>(Comparator.<Offered<T>>comparingLong(Offered::number).reversed());

  /**
   * A pick of so many.
   *
   * @param key of the random numbers
   */
  Pick(int count, long key) {
    this.count = count;
    this.key = key;
  }

  /** Offers what stands at a position; its number is a function of the key and the position. */
  void offer(long position, T value) {
    smallest.add(new Offered<>(position, Counter.bits(key, position), value));
    if (smallest.size() > count) {
      smallest.remove();
    }
  }

  /** What was drawn, in the order of the positions. */
  List<T> inOrder() {
    return smallest.stream()
        .sorted(Comparator.comparingLong(Offered::position))
        .map(Offered::value)
        .toList();
  }
}
