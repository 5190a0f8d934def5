package dev.inkling.filter;

import dev.inkling.row.Row;
import dev.inkling.spec.FilterSpec;
import dev.inkling.tensor.Counter;
import java.util.Arrays;

/**
 * Chooses exactly so many rows, or all if there are no more. Every row draws a number that is a
 * function of the seed and its index, and the lowest numbers win: which rows those are does not
 * depend on the order in which they come. That takes two passes: {@link #draw} sees all rows and
 * keeps them, then {@link #choose} drops those that lost. Eight bytes are kept for each row.
 */
final class Sample {
  private static final Verdict.Dropped NOT_CHOSEN = Verdict.dropped("not in the sample");

  private final int wanted;
  private final long key;
  private long[] drawn = new long[1024];
  private int rows;

  Sample(FilterSpec.Sample spec, long seed) {
    this.wanted = spec.rows();
    this.key = Counter.key(seed, "sample", spec.stream());
  }

  /** The first pass. */
  RowFilter draw() {
    return new InOrder() {
      @Override
      public Verdict judge(Row row) {
        if (rows == drawn.length) {
          drawn = Arrays.copyOf(drawn, Math.multiplyExact(rows, 2));
        }
        drawn[rows++] = number(row);
        return Verdict.KEPT;
      }
    };
  }

  /** The second pass, over the same rows. */
  RowFilter choose() {
    return new InOrder() {
      private boolean sorted;
      private long highest;
      private int left;

      @Override
      public Verdict judge(Row row) {
        if (rows <= wanted) {
          return Verdict.KEPT;
        }
        if (!sorted) {
          sort();
        }
        long number = number(row);
        if (number == highest && left > 0) {
          left--;
          return Verdict.KEPT;
        }
        return Verdict.dropIf(number >= highest, NOT_CHOSEN);
      }

      // Rows draw the same number only if they have the same index; then the first ones win.
      private void sort() {
        Arrays.sort(drawn, 0, rows);
        highest = drawn[wanted - 1];
        left = (int) Arrays.stream(drawn, 0, wanted).filter(number -> number == highest).count();
        sorted = true;
      }
    };
  }

  private long number(Row row) {
    return Counter.bits(key, row.index());
  }

  private abstract static class InOrder implements RowFilter {
    @Override
    public boolean remembers() {
      return true;
    }
  }
}
