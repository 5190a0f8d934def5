package dev.inkling.tensor.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.inkling.tensor.Script;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of pieces, added in the order of the pieces, whichever is ready first: sums of floats
 * depend on the order.
 */
final class GradientSum {
  private final NDManager manager;
  private final Script script;
  private final List<@Nullable NDArray> waiting;
  private final double[] losses;
  private @Nullable NDArray sum;
  private int added;

  GradientSum(NDManager manager, Script script, int pieces) {
    this.manager = manager;
    this.script = script;
    this.waiting = new ArrayList<>(Collections.nCopies(pieces, null));
    this.losses = new double[pieces];
  }

  /** Takes a piece's summed loss and its gradient. */
  synchronized void add(int piece, double loss, NDArray gradient) {
    losses[piece] = loss;
    waiting.set(piece, gradient);
    while (added < waiting.size()) {
      NDArray next = waiting.get(added);
      if (next == null) {
        return;
      }
      waiting.set(added, null);
      added++;
      NDArray before = sum;
      if (before == null) {
        sum = next;
      } else {
        script
            .call(manager, "accumulate", true, Script.tensor(before), Script.tensor(next))
            .close();
        next.close();
      }
    }
  }

  /** The loss of all pieces. */
  synchronized double loss() {
    double total = 0;
    for (double loss : losses) {
      total += loss;
    }
    return total;
  }

  /** The gradient of all pieces. */
  synchronized NDArray gradient() {
    NDArray all = sum;
    if (all == null || added < waiting.size()) {
      throw new IllegalStateException("not every piece has given its gradient");
    }
    return all;
  }
}
