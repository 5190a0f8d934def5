package dev.inkling.tensor.transformer;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import dev.inkling.tensor.Script;
import dev.inkling.tensor.Torch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Moves numbers between memory and a device's tensors, in pieces, so that a tensor may have more
 * bytes than a buffer of Java and be of a type that Java has not.
 */
final class TensorBytes implements AutoCloseable {
  /** A divisor of every type's multiple; large enough that a call costs nothing beside it. */
  private static final long PIECE = 64L << 20;

  private final PtNDManager memory = Torch.manager(Device.cpu());
  private final PtNDManager manager;
  private final Script script;
  private final NDArray beside;

  /**
   * @param manager owns the tensors that are made
   * @param script with the page "weights"
   */
  TensorBytes(PtNDManager manager, Script script) {
    this.manager = manager;
    this.script = script;
    this.beside = manager.zeros(new Shape(1));
  }

  /** A tensor of zeros. */
  NDArray room(long[] shape, NumberType type) {
    return script.call(
        manager,
        "room",
        true,
        IValue.listFrom(shape),
        IValue.from(type.code()),
        Script.tensor(beside));
  }

  /** Writes numbers into a tensor, whose type may be another, from one of its elements on. */
  void fill(NDArray target, long offset, MemorySegment numbers, NumberType type) {
    for (long at = 0; at < numbers.byteSize(); at += PIECE) {
      long size = Math.min(PIECE, numbers.byteSize() - at);
      // A copy, because a file that shrinks while torch reads its map would end the process.
      try (Arena arena = Arena.ofConfined();
          NDManager piece = memory.newSubManager()) {
        MemorySegment copy = arena.allocate(size, Long.BYTES).copyFrom(numbers.asSlice(at, size));
        NDArray bytes = piece.create(copy.asByteBuffer(), new Shape(size), DataType.INT8);
        script
            .call(
                piece,
                "fill",
                true,
                Script.tensor(target),
                IValue.from(offset + at / type.bytes()),
                Script.tensor(bytes),
                IValue.from(type.code()))
            .close();
      }
    }
  }

  /** Some numbers of a tensor as bytes of a type. */
  ByteBuffer read(NDArray source, long offset, long count, NumberType type) {
    try (NDArray bytes =
        script.call(
            memory,
            "read",
            true,
            Script.tensor(source),
            IValue.from(offset),
            IValue.from(count),
            IValue.from(type.code()))) {
      return bytes.toByteBuffer();
    }
  }

  /** All numbers of a tensor in pieces, each read when it is asked for. */
  Iterable<ByteBuffer> pieces(NDArray source, long offset, long count, NumberType type) {
    long step = PIECE / type.bytes();
    return () ->
        LongStream.range(0, (count + step - 1) / step)
            .mapToObj(n -> read(source, offset + n * step, Math.min(step, count - n * step), type))
            .iterator();
  }

  /** A small tensor's numbers. */
  float[] floats(NDArray source) {
    int count =
        Math.toIntExact(Arrays.stream(source.getShape().getShape()).reduce(1, Math::multiplyExact));
    float[] values = new float[count];
    read(source, 0, count, NumberType.FLOAT32)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer()
        .get(values);
    return values;
  }

  @Override
  public void close() {
    beside.close();
    memory.close();
  }
}
