package dev.inkling.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Rows of several models on their way into a step: inputs [models, rows, width], targets [models,
 * rows, logits] or labels [models, rows], and a weight [models, rows] that is 0 for padding. The
 * memory is reused from step to step.
 */
public final class Batch implements AutoCloseable {
  private final Arena memory = Arena.ofShared();
  private final Inputs source;
  private final int models;
  private final int rows;
  private final int targetLogits;
  private final ByteBuffer inputBytes;
  private final ByteBuffer targetBytes;
  private final ByteBuffer weightBytes;
  private final NDArray inputs;
  private final NDArray targets;
  private final NDArray weights;

  /** What one model contributes: its rows, and their targets beside them. */
  public interface Rows {
    /** How many rows this model has in the batch; 0 if its epochs are over. */
    int count(int model);

    /** The numbers of its rows. */
    int[] rows(int model);

    /** Writes the target of its i-th row: floats, or the label as a long. */
    void target(int model, int i, ByteBuffer target);
  }

  /** The same rows of every model, without targets. */
  public static Rows inputsOnly(int[] rows) {
    return new Rows() {
      @Override
      public int count(int model) {
        return rows.length;
      }

      @Override
      public int[] rows(int model) {
        return rows;
      }

      @Override
      public void target(int model, int i, ByteBuffer target) {}
    };
  }

  Batch(NDManager manager, Inputs source, int models, int rows, int targetLogits) {
    this.source = source;
    this.models = models;
    this.rows = rows;
    this.targetLogits = targetLogits;
    inputBytes = direct((long) models * rows * source.rowBytes());
    targetBytes = direct((long) models * rows * Math.max(8, 4 * targetLogits));
    weightBytes = direct(4L * models * rows);
    boolean pixels = source.type() == Inputs.Type.PIXELS;
    inputs =
        manager.create(
            inputBytes,
            new Shape(models, rows, source.width()),
            pixels ? DataType.FLOAT32 : DataType.INT64);
    targets =
        targetLogits > 0
            ? manager.create(targetBytes, new Shape(models, rows, targetLogits), DataType.FLOAT32)
            : manager.create(targetBytes, new Shape(models, rows), DataType.INT64);
    weights = manager.create(weightBytes, new Shape(models, rows), DataType.FLOAT32);
  }

  private ByteBuffer direct(long bytes) {
    // From an arena, because buffers of their own would be freed by the next garbage collection
    // only.
    return memory.allocate(bytes, Long.BYTES).asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /** How many rows it holds of each model. */
  public int rows() {
    return rows;
  }

  /** Replaces everything. */
  public void fill(List<Member> members, Rows given) {
    for (int model = 0; model < models; model++) {
      fill(members.get(model), model, given);
    }
  }

  private void fill(Member member, int model, Rows given) {
    int count = given.count(model);
    source.fill(member, given.rows(model), count, inputBytes, model * rows * source.rowBytes());
    int targetSize = targetLogits > 0 ? 4 * targetLogits : 8;
    ByteBuffer target =
        targetBytes
            .slice(model * rows * targetSize, rows * targetSize)
            .order(ByteOrder.nativeOrder());
    for (int i = 0; i < rows; i++) {
      weightBytes.putFloat(4 * (model * rows + i), i < count ? 1f : 0f);
      if (i < count) {
        given.target(model, i, target);
      }
    }
  }

  NDArray inputs() {
    return inputs;
  }

  NDArray targets() {
    return targets;
  }

  NDArray weights() {
    return weights;
  }

  @Override
  public void close() {
    inputs.close();
    targets.close();
    weights.close();
    memory.close();
  }
}
