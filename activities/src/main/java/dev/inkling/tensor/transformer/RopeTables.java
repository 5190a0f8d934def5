package dev.inkling.tensor.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import dev.inkling.model.weights.ModelConfig;
import dev.inkling.tensor.Script;
import java.util.ArrayList;
import java.util.List;

/** A network's tables of rotary position embedding on its device, made as long as they must be. */
final class RopeTables {
  private final ModelConfig config;
  private final NumberType type;
  private final PtNDManager manager;
  private final Script script;
  private List<NDArray> tables = List.of();
  private int positions;

  /**
   * No tables yet.
   *
   * @param type of activations
   * @param manager owns the tables
   */
  RopeTables(ModelConfig config, NumberType type, PtNDManager manager, Script script) {
    this.config = config;
    this.type = type;
    this.manager = manager;
    this.script = script;
  }

  /**
   * Tables [at least so many positions, headDimension]: cosines and sines of layers that see
   * everything and, if there are local layers, those of local ones.
   */
  synchronized List<NDArray> of(int length) {
    if (length > config.context()) {
      throw new IllegalArgumentException(
          "a sequence of %d tokens does not fit into the model's context of %d; shorten it"
              .formatted(length, config.context()));
    }
    if (length > positions) {
      // Twice as many as asked for, so that few tables are made; those before may be in use.
      int more = Math.min(config.context(), Math.max(2 * length, 512));
      tables = tables(more);
      positions = more;
    }
    return tables;
  }

  private List<NDArray> tables(int more) {
    List<NDArray> made = new ArrayList<>(pair(config.rope(), more));
    if (config.local().contains(true)) {
      made.addAll(pair(config.localRope(), more));
    }
    return List.copyOf(made);
  }

  private List<NDArray> pair(ModelConfig.Rope rope, int more) {
    return List.of(
        table(Ropes.cosines(rope, more, config.headDimension()), more),
        table(Ropes.sines(rope, more, config.headDimension()), more));
  }

  private NDArray table(float[] values, int more) {
    try (NDArray table = manager.create(values, new Shape(more, config.headDimension()))) {
      return script.call(manager, "cast", true, Script.tensor(table), IValue.from(type.code()));
    }
  }
}
