package dev.inkling.tensor.transformer;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import dev.inkling.model.weights.ModelConfig;
import dev.inkling.model.weights.Weights;
import dev.inkling.spec.Compute;
import dev.inkling.tensor.FreedMemory;
import dev.inkling.tensor.Script;
import dev.inkling.tensor.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** A network with its weights on a device. */
public final class Transformer implements AutoCloseable {
  private final ModelConfig config;
  private final Device device;
  private final Numbers numbers;
  private final Pages pages;
  private final PtNDManager manager;
  private final Script script;
  private final TensorBytes bytes;
  private final List<NDArray> weights = new ArrayList<>();
  private final RopeTables ropes;
  private boolean packed;

  private Transformer(ModelConfig config, Device device, Compute.Precision precision) {
    this.config = config;
    this.device = device;
    this.numbers = Numbers.of(precision, device);
    this.pages = Pages.of(config, numbers);
    this.manager = Torch.manager(device);
    this.script = pages.compile(manager);
    this.bytes = new TensorBytes(manager, script);
    this.ropes = new RopeTables(config, numbers.activations(), manager, script);
  }

  /**
   * Loads weights to a device.
   *
   * @throws OutOfMemoryException if the device cannot hold them
   */
  public static Transformer load(
      ModelConfig config, Weights weights, Device device, Compute.Precision precision) {
    return load(config, weights, List.of(), device, precision);
  }

  /**
   * Loads weights to a device, with adapters added to them one after the other.
   *
   * @throws IllegalArgumentException if an adapter belongs to another model
   * @throws OutOfMemoryException if the device cannot hold them
   */
  public static Transformer load(
      ModelConfig config,
      Weights weights,
      List<LoraAdapter> adapters,
      Device device,
      Compute.Precision precision) {
    return load(config, adapters, device, precision, network -> network.fill(weights, adapters));
  }

  /**
   * Loads weights for decoders alone. Where the device gains by it, each matrix is laid out for
   * decoding as soon as it is loaded: the network is never there twice.
   *
   * @throws IllegalArgumentException if an adapter belongs to another model
   * @throws OutOfMemoryException if the device cannot hold them
   */
  public static Transformer toDecode(
      ModelConfig config,
      Weights weights,
      List<LoraAdapter> adapters,
      Device device,
      Compute.Precision precision) {
    return PackedWeights.gain(device)
        ? load(
            config, adapters, device, precision, network -> network.fillPacked(weights, adapters))
        : load(config, weights, adapters, device, precision);
  }

  private static Transformer load(
      ModelConfig config,
      List<LoraAdapter> adapters,
      Device device,
      Compute.Precision precision,
      Consumer<Transformer> filling) {
    adapters.forEach(adapter -> adapter.checkFits(config));
    Transformer network = new Transformer(config, device, precision);
    try {
      filling.accept(network);
      FreedMemory.giveBack();
      return network;
    } catch (RuntimeException e) {
      network.close();
      throw OutOfMemoryException.isMeant(e)
          ? OutOfMemoryException.ofWeights(network.config, network.numbers, e)
          : e;
    }
  }

  private void fill(Weights source, List<LoraAdapter> adapters) {
    WeightReader reader = new WeightReader(source, bytes, numbers);
    List<WeightOrder.Place> places = WeightOrder.of(config);
    for (int i = 0; i < places.size(); i++) {
      if (i == WeightOrder.HEAD && config.tied()) {
        weights.add(weights.getFirst());
      } else if (WeightOrder.isGate(i)) {
        addPair(reader, places.get(i), places.get(++i));
      } else {
        weights.add(reader.read(places.get(i)));
      }
    }
    adapters.forEach(this::merge);
  }

  /** Gate and up are two matrices that lie side by side, so that a decoder can take them as one. */
  private void addPair(WeightReader reader, WeightOrder.Place gate, WeightOrder.Place up) {
    long rows = gate.shape()[0];
    try (NDArray both = bytes.room(new long[] {2 * rows, gate.shape()[1]}, numbers.matrices())) {
      weights.add(reader.copied(gate, rows(both, 0, rows)));
      weights.add(reader.copied(up, rows(both, rows, rows)));
    }
  }

  private NDArray rows(NDArray matrix, long begin, long count) {
    return script.call(
        manager, "rows", true, Script.tensor(matrix), IValue.from(begin), IValue.from(count));
  }

  private void fillPacked(Weights source, List<LoraAdapter> adapters) {
    WeightReader reader = new WeightReader(source, bytes, numbers);
    List<WeightOrder.Place> places = WeightOrder.of(config);
    weights.add(reader.lookedUp(places.getFirst()));
    // The embedding is there anyway; laid out it would be there twice.
    boolean shared = config.tied() && numbers.matrices() == NumberType.FLOAT32;
    try (PackedWeights packing = new PackedWeights(this)) {
      for (int i = 1; i < places.size(); i++) {
        if (shared && i == WeightOrder.HEAD) {
          weights.add(weights.getFirst());
        } else {
          NDArray plain = reader.read(places.get(i));
          merge(adapters, i, plain);
          weights.add(packing.packed(plain));
        }
      }
    }
    packed = true;
  }

  /** What the network consists of. */
  public ModelConfig config() {
    return config;
  }

  /** Where the weights are. */
  public Device device() {
    return device;
  }

  /**
   * Adds an adapter's product to the weights; for sampling, or to train another adapter on top of
   * it.
   *
   * @throws IllegalArgumentException if it belongs to another model
   */
  public void merge(LoraAdapter adapter) {
    Torch.prepareThread();
    adapter.checkFits(config);
    if (packed) {
      throw new IllegalStateException("the weights are laid out for decoding; add adapters before");
    }
    for (int i = WeightOrder.OUTER; i < weights.size(); i++) {
      merge(List.of(adapter), i, weights.get(i));
    }
  }

  /** Adds what adapters have for one place. */
  private void merge(List<LoraAdapter> adapters, int place, NDArray w) {
    if (place < WeightOrder.OUTER) {
      return;
    }
    int layer = (place - WeightOrder.OUTER) / WeightOrder.PER_LAYER;
    int within = (place - WeightOrder.OUTER) % WeightOrder.PER_LAYER;
    for (LoraAdapter adapter : adapters) {
      for (Projection target : adapter.settings().targets()) {
        if (target.place() == within) {
          try (NDManager results = manager.newSubManager()) {
            MergedModel.add(script, results, w, target.firstRow(config), adapter, layer, target);
          }
        }
      }
    }
  }

  /** Logits of each position, for tests and small uses: [rows][T][V] in one array. */
  public float[] logits(int[][] ids) {
    return logits(ids, List.of());
  }

  /** The same with an adapter's tensors beside the weights. */
  float[] logits(int[][] ids, List<NDArray> lora) {
    Torch.prepareThread();
    for (int[] row : ids) {
      checkTokens(row);
    }
    int length = Arrays.stream(ids).mapToInt(row -> row.length).max().orElse(0);
    try (NDManager results = manager.newSubManager()) {
      return bytes.floats(
          script.call(
              results,
              "all_logits",
              false,
              Script.tensor(padded(results, ids, length)),
              Script.tensors(ropes(length)),
              Script.tensors(weights),
              Script.tensors(lora)));
    }
  }

  /** Refuses tokens that the model does not have; a GPU would be of no use after reading one. */
  void checkTokens(int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= config.vocabulary()) {
        throw new IllegalArgumentException(
            "token %d is none of the model's %d; make the row with the model's own tokenizer"
                .formatted(id, config.vocabulary()));
      }
    }
  }

  /** Rows filled up with token 0 on the right, on the device: [rows, length]. */
  static NDArray padded(NDManager manager, int[][] ids, int length) {
    long[] all = new long[ids.length * length];
    for (int row = 0; row < ids.length; row++) {
      for (int t = 0; t < ids[row].length; t++) {
        all[row * length + t] = ids[row][t];
      }
    }
    return manager.create(all, new Shape(ids.length, length));
  }

  /** Owns the weights; tensors that a caller makes belong into managers of their own below it. */
  PtNDManager manager() {
    return manager;
  }

  /** The compiled network. */
  Script script() {
    return script;
  }

  /** The network's pages, to be compiled together with others. */
  Pages pages() {
    return pages;
  }

  /** The types of the weights and activations. */
  Numbers numbers() {
    return numbers;
  }

  /** The weights in the order of {@link WeightOrder}. */
  List<NDArray> weights() {
    return weights;
  }

  /** Whether the matrices are laid out for decoding, and the network can do nothing else. */
  boolean packed() {
    return packed;
  }

  /** Puts others in their place; whoever does so closes those before. */
  void replaceWeights(List<NDArray> others) {
    weights.clear();
    weights.addAll(others);
  }

  /** Moves numbers to and from the device. */
  TensorBytes bytes() {
    return bytes;
  }

  /** The tables of {@link RopeTables#of}. */
  List<NDArray> ropes(int length) {
    return ropes.of(length);
  }

  @Override
  public void close() {
    bytes.close();
    script.close();
    manager.close();
  }
}
