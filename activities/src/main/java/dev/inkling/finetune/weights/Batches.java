package dev.inkling.finetune.weights;

import dev.inkling.spec.TrainingSpec;
import dev.inkling.tensor.Counter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Which rows are in which step: every epoch all rows once, a function of (seed, epoch) alone. The
 * last batch of an epoch has what is left.
 */
final class Batches {
  /**
   * Rows of so many batches are sorted by length together: enough that little is padded, few enough
   * that an epoch stays mixed.
   */
  private static final int SORTED_TOGETHER = 50;

  private final TrainingSpec spec;
  private final int[] lengths;
  private final long seed;
  private int epoch = -1;
  private int[] order = new int[0];

  /**
   * The batches of some rows.
   *
   * @param lengths the rows' numbers of tokens
   */
  Batches(TrainingSpec spec, int[] lengths, long seed) {
    this.spec = spec;
    this.lengths = lengths.clone();
    this.seed = seed;
  }

  /** How many steps there are. */
  long steps() {
    long all = perEpoch() * spec.epochs();
    return spec.maxSteps().map(most -> Math.min(most, all)).orElse(all);
  }

  private long perEpoch() {
    return (lengths.length + spec.batchSize() - 1L) / spec.batchSize();
  }

  /**
   * The rows of a step.
   *
   * @param step from 0
   */
  int[] rows(long step) {
    int wanted = (int) (step / perEpoch());
    if (wanted != epoch) {
      epoch = wanted;
      order =
          order(
              Counter.permutation(
                  lengths.length, Counter.key(seed, "order", spec.stream(), epoch)));
    }
    int from = (int) (step % perEpoch()) * spec.batchSize();
    return Arrays.copyOfRange(order, from, Math.min(order.length, from + spec.batchSize()));
  }

  private int[] order(int[] shuffled) {
    return switch (spec.batching()) {
      case SHUFFLED -> shuffled;
      case BY_LENGTH -> byLength(shuffled);
    };
  }

  /**
   * Sorted within stretches of several batches; then the whole batches take a random order, and
   * what is left over stays last.
   */
  private int[] byLength(int[] shuffled) {
    int stretch = SORTED_TOGETHER * spec.batchSize();
    int[] sorted = new int[shuffled.length];
    for (int from = 0; from < shuffled.length; from += stretch) {
      int to = Math.min(shuffled.length, from + stretch);
      int[] part =
          IntStream.of(Arrays.copyOfRange(shuffled, from, to))
              .boxed()
              .sorted(Comparator.comparing((Integer row) -> lengths[row]).reversed())
              .mapToInt(Integer::intValue)
              .toArray();
      System.arraycopy(part, 0, sorted, from, part.length);
    }
    int whole = sorted.length / spec.batchSize();
    int[] mixed = sorted.clone();
    int[] places = Counter.permutation(whole, Counter.key(seed, "batches", spec.stream(), epoch));
    for (int i = 0; i < whole; i++) {
      System.arraycopy(
          sorted, places[i] * spec.batchSize(), mixed, i * spec.batchSize(), spec.batchSize());
    }
    return mixed;
  }
}
