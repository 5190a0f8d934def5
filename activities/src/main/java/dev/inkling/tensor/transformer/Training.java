package dev.inkling.tensor.transformer;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import dev.inkling.spec.TrainingSpec;
import dev.inkling.tensor.Safetensors;
import dev.inkling.tensor.Script;
import dev.inkling.tensor.Slices;
import dev.inkling.tensor.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trains an adapter beside a network, or all of its weights, on the tokens of completions: AdamW on
 * their mean cross entropy. A step is a function of what {@link #state} holds, the rows and the
 * step's number, so a resumed training ends in the same bytes as an uninterrupted one.
 *
 * <p>A batch is computed in pieces, on a CPU as many at once as there are cores, and their
 * gradients are added in a fixed order; the number of cores changes nothing.
 */
public final class Training implements AutoCloseable {
  /** So many tokens of one piece keep a core busy and its activations small. */
  private static final int TOKENS_ON_A_CORE = 512;

  /** Logits, in float32, that are in memory at once: 1 GiB, and a few times that around them. */
  private static final long LOGITS = 1L << 28;

  private final Transformer network;
  private final TrainingSpec spec;
  private final Optional<LoraSites> sites;
  private final double dropout;
  private final long seed;
  private final PtNDManager manager;
  private final Script script;
  private final TensorBytes bytes;
  private final Slices cores;
  private final Trained trained;

  private Training(
      Transformer network, TrainingSpec spec, Optional<LoraAdapter> start, long seed, int cores) {
    Torch.prepareThread();
    this.network = network;
    this.spec = spec;
    this.seed = seed;
    this.dropout = start.map(adapter -> adapter.settings().dropout()).orElse(0.0);
    this.sites = start.map(adapter -> new LoraSites(network.config(), adapter.settings()));
    this.manager = (PtNDManager) network.manager().newSubManager();
    this.script = network.pages().compile(manager, "gradients", "training");
    this.bytes = new TensorBytes(manager, script);
    this.cores = new Slices(network.device().isGpu() ? 1 : cores);
    try {
      this.trained =
          start
              .map(adapter -> besideWeights(adapter, sites.orElseThrow()))
              .orElseGet(this::weights);
    } catch (RuntimeException e) {
      close();
      throw explained(e);
    }
  }

  private RuntimeException explained(RuntimeException e) {
    if (!OutOfMemoryException.isMeant(e)) {
      return e;
    }
    return sites
        .map(
            s ->
                OutOfMemoryException.ofTraining(
                    s.size(), "an adapter of a lower rank or with fewer targets", e))
        .orElseGet(
            () ->
                OutOfMemoryException.ofTraining(
                    FlatWeights.size(network.config()), "type: lora", e));
  }

  /**
   * Trains an adapter; the network's weights stay as they are.
   *
   * @param start where it begins; its settings say how much is dropped
   * @param seed of dropout
   * @throws OutOfMemoryException if the device cannot hold what is trained
   */
  public static Training lora(Transformer base, LoraAdapter start, TrainingSpec spec, long seed) {
    return lora(base, start, spec, seed, Runtime.getRuntime().availableProcessors());
  }

  static Training lora(
      Transformer base, LoraAdapter start, TrainingSpec spec, long seed, int cores) {
    return new Training(base, spec, Optional.of(start), seed, cores);
  }

  /**
   * Trains every weight; the network has the trained weights from then on, also once closed.
   *
   * @throws OutOfMemoryException if the device cannot hold what is trained; the network is of no
   *     use then
   */
  public static Training full(Transformer base, TrainingSpec spec) {
    return full(base, spec, Runtime.getRuntime().availableProcessors());
  }

  static Training full(Transformer base, TrainingSpec spec, int cores) {
    return new Training(base, spec, Optional.empty(), 0, cores);
  }

  private Trained besideWeights(LoraAdapter start, LoraSites sites) {
    return new Trained(
        manager,
        script,
        bytes,
        manager.create(sites.pack(start), new Shape(sites.size())),
        manager.create(sites.factors(), new Shape(sites.size())),
        network.numbers().activations(),
        sites.shapes());
  }

  private Trained weights() {
    FlatWeights flat = FlatWeights.take(network, manager, script, bytes);
    Trained all =
        new Trained(
            network.manager(),
            script,
            bytes,
            flat.values(),
            manager.create(new Shape(0)),
            network.numbers().activations(),
            flat.shapes());
    network.replaceWeights(flat.inOrder(all.leaves(), network));
    return all;
  }

  /**
   * One training step.
   *
   * @param batch the rows
   * @param microBatch so many rows are computed at once at most
   * @param step the number of this step, from 1
   * @param meanwhile called now and then by the calling thread; what it throws ends the step, which
   *     has then changed nothing
   * @throws OutOfMemoryException if the device cannot hold a piece; nothing has changed then, if it
   *     names rows. Otherwise the optimiser had too little, and this is of no use any more
   */
  public StepResult step(
      List<Sequence> batch, int microBatch, double learningRate, long step, Runnable meanwhile) {
    Torch.prepareThread();
    if (batch.isEmpty()) {
      throw new IllegalArgumentException("a step needs at least one row");
    }
    batch.forEach(row -> network.checkTokens(row.ids()));
    int tokens = batch.stream().mapToInt(Sequence::completion).sum();
    int atOnce = network.device().isGpu() ? Integer.MAX_VALUE : TOKENS_ON_A_CORE;
    List<Piece> pieces = Piece.of(batch, microBatch, atOnce);
    List<NDArray> ropes = network.ropes(pieces.stream().mapToInt(Piece::length).max().orElse(0));
    try (NDManager results = manager.newSubManager()) {
      GradientSum sum = new GradientSum(results, script, pieces.size());
      cores.each(
          pieces.size(), i -> gradient(i, pieces.get(i), step, ropes, sum, results), meanwhile);
      double loss = sum.loss() / tokens;
      if (!Double.isFinite(loss)) {
        return new StepResult(loss, Double.NaN, tokens, false);
      }
      double norm = optimise(results, sum.gradient(), tokens, learningRate, step);
      return new StepResult(loss, norm, tokens, Double.isFinite(norm));
    }
  }

  private double optimise(
      NDManager results, NDArray gradient, int tokens, double learningRate, long step) {
    try {
      return trained.step(results, gradient, tokens, spec, learningRate, step);
    } catch (EngineException e) {
      throw explained(e);
    }
  }

  private void gradient(
      int index, Piece piece, long step, List<NDArray> ropes, GradientSum sum, NDManager results) {
    try (NDManager inputs = manager.newSubManager()) {
      List<NDArray> parts =
          script.callForList(
              inputs,
              "gradients",
              true,
              Script.tensor(piece.ids(inputs)),
              Script.tensor(piece.positions(inputs)),
              Script.tensor(piece.targets(inputs)),
              Script.tensors(ropes),
              Script.tensors(network.weights()),
              Script.tensors(adapter(piece, step, inputs)),
              Script.tensors(trained.leaves()),
              IValue.from(sites.isPresent() ? 0L : FlatWeights.outer(network.config())),
              IValue.from(Math.max(1, LOGITS / network.config().vocabulary())),
              IValue.from(spec.gradientCheckpointing()));
      NDArray gradient = parts.get(1);
      gradient.attach(results);
      sum.add(index, bytes.floats(parts.get(0))[0], gradient);
    } catch (EngineException e) {
      if (OutOfMemoryException.isMeant(e)) {
        throw OutOfMemoryException.ofRows(piece.rows().size(), piece.length(), e);
      }
      throw e;
    }
  }

  /** The adapter's tensors; with dropout, what its masks are made of too. */
  private List<NDArray> adapter(Piece piece, long step, NDManager inputs) {
    if (sites.isEmpty() || dropout == 0) {
      return sites.isEmpty() ? List.of() : trained.leaves();
    }
    List<NDArray> tensors = new ArrayList<>(trained.leaves());
    tensors.add(piece.dropoutKeys(inputs, seed, step));
    tensors.add(inputs.create((int) (dropout * 0x1p31)));
    tensors.add(inputs.create((float) (1 / (1 - dropout))));
    return tensors;
  }

  /** The adapter as the pages take it beside weights. */
  List<NDArray> adapterTensors() {
    return trained.leaves();
  }

  /** Everything that the next step depends on, bit by bit, for a checkpoint. */
  public Map<String, Safetensors.Tensor> state() {
    return trained.state();
  }

  /**
   * Goes back to a state.
   *
   * @throws IOException if it is of another training
   */
  public void restore(Safetensors checkpoint) throws IOException {
    Torch.prepareThread();
    trained.restore(checkpoint);
  }

  /**
   * The adapter as the last step left it.
   *
   * @throws IllegalStateException if all weights are trained
   */
  public LoraAdapter adapter() {
    Torch.prepareThread();
    return sites
        .orElseThrow(() -> new IllegalStateException("all weights are trained, not an adapter"))
        .unpack(bytes.floats(trained.values()));
  }

  /**
   * Writes all weights as the last step left them, in the types in which the network computes.
   *
   * @throws IllegalStateException if an adapter is trained
   */
  public void writeWeights(Path file) throws IOException {
    Torch.prepareThread();
    if (sites.isPresent()) {
      throw new IllegalStateException("an adapter is trained, not all weights");
    }
    FlatWeights.write(file, network, trained.values(), bytes);
  }

  @Override
  public void close() {
    cores.close();
    bytes.close();
    script.close();
    manager.close();
  }
}
