package dev.inkling.tensor.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import dev.inkling.spec.TrainingSpec;
import dev.inkling.tensor.Safetensors;
import dev.inkling.tensor.Script;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The numbers that training changes, flat and in float32 on the device, with AdamW's moments, and
 * the tensors that the network sees of them.
 */
final class Trained {
  private static final String VALUES = "trained";
  private static final String FIRST_MOMENT = "adam.m";
  private static final String SECOND_MOMENT = "adam.v";

  private final Script script;
  private final TensorBytes bytes;
  private final long size;
  private final NDArray values;
  private final NDArray m;
  private final NDArray v;
  private final NDArray factors;
  private final NDArray working;
  private final List<NDArray> leaves;

  /**
   * Takes over a flat tensor.
   *
   * @param seen owns what the network sees
   * @param factors what the network sees multiplied; [0] if nothing is
   * @param type what the network sees
   * @param shapes of the pieces, in order
   */
  Trained(
      PtNDManager seen,
      Script script,
      TensorBytes bytes,
      NDArray values,
      NDArray factors,
      NumberType type,
      List<long[]> shapes) {
    this.script = script;
    this.bytes = bytes;
    this.size = values.getShape().size();
    this.values = values;
    this.factors = factors;
    this.m = bytes.room(new long[] {size}, NumberType.FLOAT32);
    this.v = bytes.room(new long[] {size}, NumberType.FLOAT32);
    this.working =
        script.call(
            values.getManager(),
            "working",
            true,
            Script.tensor(values),
            Script.tensor(factors),
            IValue.from(type.code()));
    this.leaves =
        script.callForList(
            seen,
            "leaves",
            true,
            Script.tensor(working),
            IValue.listFrom(shapes.stream().mapToLong(shape -> shape[0]).toArray()),
            IValue.listFrom(
                shapes.stream().mapToLong(shape -> shape.length > 1 ? shape[1] : 0).toArray()));
  }

  /** The pieces that the network sees. */
  List<NDArray> leaves() {
    return leaves;
  }

  /** The flat tensor, as the last step left it. */
  NDArray values() {
    return values;
  }

  /**
   * One step of AdamW.
   *
   * @param gradient of the summed loss by the leaves; used up
   * @param tokens how many losses were summed
   * @return the gradient's norm before clipping; if it is no number, nothing has changed
   */
  double step(
      NDManager results,
      NDArray gradient,
      int tokens,
      TrainingSpec spec,
      double learningRate,
      long step) {
    NDArray norm =
        script.call(
            results,
            "adamw",
            true,
            Script.tensor(gradient),
            Script.tensor(factors),
            IValue.from((double) tokens),
            Script.tensors(List.of(values)),
            Script.tensors(List.of(m)),
            Script.tensors(List.of(v)),
            IValue.from(learningRate),
            IValue.from(spec.beta1()),
            IValue.from(spec.beta2()),
            IValue.from(spec.weightDecay()),
            IValue.from(spec.epsilon()),
            IValue.from(spec.maxGradientNorm()),
            IValue.from((double) step));
    refresh();
    return bytes.floats(norm)[0];
  }

  private void refresh() {
    script
        .call(
            values.getManager(),
            "refresh",
            true,
            Script.tensor(working),
            Script.tensor(values),
            Script.tensor(factors))
        .close();
  }

  /** Everything that the next step depends on, bit by bit. */
  Map<String, Safetensors.Tensor> state() {
    Map<String, Safetensors.Tensor> state = new LinkedHashMap<>();
    state.put(VALUES, tensor(values));
    state.put(FIRST_MOMENT, tensor(m));
    state.put(SECOND_MOMENT, tensor(v));
    return state;
  }

  private Safetensors.Tensor tensor(NDArray array) {
    return new Safetensors.Tensor(
        "F32", new long[] {size}, bytes.pieces(array, 0, size, NumberType.FLOAT32));
  }

  /** Takes what {@link #state} gave. */
  void restore(Safetensors file) throws IOException {
    for (String name : List.of(VALUES, FIRST_MOMENT, SECOND_MOMENT)) {
      if (!file.has(name) || file.shape(name)[0] != size) {
        throw new IOException(
            "the checkpoint is of another training: its '%s' has not the %d numbers that are trained here"
                .formatted(name, size));
      }
    }
    bytes.fill(values, 0, file.bytes(VALUES), NumberType.FLOAT32);
    bytes.fill(m, 0, file.bytes(FIRST_MOMENT), NumberType.FLOAT32);
    bytes.fill(v, 0, file.bytes(SECOND_MOMENT), NumberType.FLOAT32);
    refresh();
  }
}
