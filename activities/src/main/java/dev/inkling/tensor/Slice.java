package dev.inkling.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Tensors of an ensemble's models from (inclusive) to (exclusive); the moments are zero unless it
 * is trained.
 */
record Slice(
    int from,
    int to,
    List<NDArray> parameters,
    List<NDArray> m,
    List<NDArray> v,
    List<NDArray> buffers) {

  static Slice empty(int from, int to) {
    return new Slice(
        from, to, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
  }

  int size() {
    return to - from;
  }

  /** The shape of a part for all models of the slice. */
  Shape shape(Layout.Part part) {
    return new Shape(shape(size(), part));
  }

  static long[] shape(int models, Layout.Part part) {
    long[] shape = new long[part.shape().length + 1];
    shape[0] = models;
    System.arraycopy(part.shape(), 0, shape, 1, part.shape().length);
    return shape;
  }

  /** A tensor that a training step asks gradients of. */
  static NDArray trained(NDArray array) {
    array.setRequiresGradient(true);
    return array;
  }
}
