package dev.inkling.tensor.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.inkling.tensor.Counter;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of a batch whose gradient is computed at once.
 *
 * @param first the place in the batch of the first one
 */
record Piece(int first, List<Sequence> rows) {

  /**
   * Divides a batch. A piece has at least one row and, if it has more, at most so many tokens with
   * padding.
   */
  static List<Piece> of(List<Sequence> batch, int rows, int tokens) {
    List<Piece> pieces = new ArrayList<>();
    int from = 0;
    int length = 0;
    for (int i = 0; i < batch.size(); i++) {
      int longer = Math.max(length, batch.get(i).ids().length);
      if (i > from && (i - from == rows || (long) longer * (i - from + 1) > tokens)) {
        pieces.add(new Piece(from, batch.subList(from, i)));
        from = i;
        longer = batch.get(i).ids().length;
      }
      length = longer;
    }
    pieces.add(new Piece(from, batch.subList(from, batch.size())));
    return pieces;
  }

  /** The longest row. */
  int length() {
    return rows.stream().mapToInt(row -> row.ids().length).max().orElseThrow();
  }

  /** The rows, padded on the right: [rows, length]. */
  NDArray ids(NDManager manager) {
    return Transformer.padded(
        manager, rows.stream().map(Sequence::ids).toArray(int[][]::new), length());
  }

  /** Where the tokens that are learnt are predicted, counted through all rows. */
  NDArray positions(NDManager manager) {
    long[] positions = new long[learnt()];
    int at = 0;
    for (int row = 0; row < rows.size(); row++) {
      for (int t = rows.get(row).completionFrom(); t < rows.get(row).ids().length; t++) {
        positions[at++] = (long) row * length() + t - 1;
      }
    }
    return manager.create(positions, new Shape(positions.length));
  }

  /** The tokens that are learnt. */
  NDArray targets(NDManager manager) {
    long[] targets = new long[learnt()];
    int at = 0;
    for (Sequence row : rows) {
      for (int t = row.completionFrom(); t < row.ids().length; t++) {
        targets[at++] = row.ids()[t];
      }
    }
    return manager.create(targets, new Shape(targets.length));
  }

  /**
   * What dropout hashes: 32 bits for every position, a function of the seed, the step, the row's
   * place in the batch and the position.
   */
  NDArray dropoutKeys(NDManager manager, long seed, long step) {
    int length = length();
    int[] keys = new int[rows.size() * length];
    for (int row = 0; row < rows.size(); row++) {
      long key = Counter.key(seed, "dropout", step, first + row);
      for (int t = 0; t < length; t++) {
        keys[row * length + t] = (int) (Counter.bits(key, t) >>> 32);
      }
    }
    return manager.create(keys, new Shape(keys.length));
  }

  private int learnt() {
    return rows.stream().mapToInt(Sequence::completion).sum();
  }
}
