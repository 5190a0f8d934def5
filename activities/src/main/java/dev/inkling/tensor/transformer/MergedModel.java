package dev.inkling.tensor.transformer;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.model.weights.ModelConfig;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.model.weights.Weights;
import dev.inkling.tensor.Safetensors;
import dev.inkling.tensor.Script;
import dev.inkling.tensor.Torch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * A model directory whose weights are another one's with an adapter added: W + scale B A, each sum
 * taken in float32 and stored in W's own type. For programs that know no adapters.
 */
final class MergedModel implements AutoCloseable {
  private static final long PIECE = 64L << 20;

  private final LoraAdapter adapter;
  private final Weights weights;
  private final Map<String, Target> targets = new HashMap<>();
  private final PtNDManager manager = Torch.manager(Device.cpu());
  private final Script script = Script.of(manager, MergedModel.class, "", "weights");
  private final TensorBytes bytes = new TensorBytes(manager, script);

  /** A matrix of a layer. */
  private record Target(int layer, Projection projection) {}

  private MergedModel(LoraAdapter adapter, Weights weights) {
    this.adapter = adapter;
    this.weights = weights;
    for (int layer = 0; layer < adapter.layers().size(); layer++) {
      for (Projection projection : adapter.settings().targets()) {
        targets.put(
            "model.layers.%d.%s.weight".formatted(layer, projection.path()),
            new Target(layer, projection));
      }
    }
  }

  static void write(LoraAdapter adapter, Path source, ModelConfig config, Path target)
      throws IOException, InvalidModelException {
    adapter.checkFits(config);
    ModelDirectory.checkTextOnly(source, "give the adapter beside the base instead");
    Files.createDirectories(target);
    ModelDirectory.copyDescription(source, target);
    try (Weights weights = Weights.inDirectory(source);
        MergedModel merged = new MergedModel(adapter, weights)) {
      Map<String, Safetensors.Tensor> tensors = new HashMap<>();
      weights.names().forEach(name -> tensors.put(name, merged.tensor(name)));
      Safetensors.write(target.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
    }
  }

  private Safetensors.Tensor tensor(String name) {
    Weights.Stored stored = weights.tensor(name);
    Target target = targets.get(name);
    return new Safetensors.Tensor(
        stored.type().name(),
        stored.shape(),
        target == null ? copied(stored) : () -> sum(stored, target).iterator());
  }

  private static Iterable<ByteBuffer> copied(Weights.Stored stored) {
    long size = stored.bytes().byteSize();
    return () ->
        LongStream.range(0, (size + PIECE - 1) / PIECE)
            .mapToObj(
                n ->
                    stored
                        .bytes()
                        .asSlice(n * PIECE, Math.min(PIECE, size - n * PIECE))
                        .asByteBuffer())
            .iterator();
  }

  private List<ByteBuffer> sum(Weights.Stored stored, Target target) {
    NumberType type = NumberType.of(stored.type());
    List<ByteBuffer> pieces = new ArrayList<>();
    try (NDManager results = manager.newSubManager();
        NDArray w = bytes.room(stored.shape(), NumberType.FLOAT32)) {
      bytes.fill(w, 0, stored.bytes(), type);
      add(script, results, w, 0, adapter, target.layer, target.projection);
      bytes.pieces(w, 0, stored.size(), type).forEach(pieces::add);
    }
    return pieces;
  }

  /** Adds an adapter's product to the rows of a matrix from one on. */
  static void add(
      Script script,
      NDManager results,
      NDArray w,
      long row,
      LoraAdapter adapter,
      int layer,
      Projection projection) {
    LoraAdapter.Pair pair = adapter.pair(layer, projection);
    int rank = adapter.settings().rank();
    script.call(
        results,
        "merge",
        true,
        Script.tensor(w),
        ai.djl.pytorch.jni.IValue.from(row),
        Script.tensor(results.create(pair.a(), new Shape(rank, pair.a().length / rank))),
        Script.tensor(results.create(pair.b(), new Shape(pair.b().length / rank, rank))),
        ai.djl.pytorch.jni.IValue.from(adapter.settings().scale()));
  }

  @Override
  public void close() {
    bytes.close();
    script.close();
    manager.close();
  }
}
