package dev.inkling.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import dev.inkling.spec.Loss;
import dev.inkling.spec.ModelSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Models side by side: each parameter of all of them is one tensor [models, ...]. Large ensembles
 * are held in slices of several models, so that a step's working memory does not grow with their
 * number; files do not show the slices.
 */
public final class Ensemble implements AutoCloseable {
  /** Rows that are asked for at once: enough to keep a core busy, little enough for its cache. */
  public static final int CHUNK = 1000;

  /** The file of a model's artifact that holds its weights. */
  public static final String WEIGHTS = "model.safetensors";

  private final PtNDManager manager = Torch.manager();
  private final Script script;
  private final Layout layout;
  private final ModelSpec.Network network;
  private final List<Member> members;
  private final List<Slice> slices = new ArrayList<>();
  private final Slices cores = new Slices();

  private Ensemble(ModelSpec.Network network, List<Member> members, int perSlice, String... pages) {
    this.network = network;
    this.layout = Layout.of(network);
    this.members = List.copyOf(members);
    this.script =
        Script.of(
            manager,
            Stream.concat(Stream.of("linear", layout.page()), Stream.of(pages))
                .toArray(String[]::new));
    for (int from = 0; from < members.size(); from += perSlice) {
      slices.add(Slice.empty(from, Math.min(members.size(), from + perSlice)));
    }
  }

  /** An ensemble that gives logits; {@link #initialise} or {@link #restore} comes next. */
  public static Ensemble forInference(
      ModelSpec.Network network, List<Member> members, int perSlice) {
    return new Ensemble(network, members, perSlice);
  }

  /** An ensemble that learns; {@link #initialise} or {@link #restore} comes next. */
  public static Ensemble forTraining(
      ModelSpec.Network network, List<Member> members, int perSlice, Loss loss) {
    String page =
        switch (loss) {
          case Loss.CrossEntropy _ -> "cross_entropy";
          case Loss.Kl _ -> "kl";
          case Loss.MeanSquaredError _ -> "mse";
        };
    return new Ensemble(network, members, perSlice, page, "train_step");
  }

  /** The models, in the order of the first axis. */
  public List<Member> members() {
    return members;
  }

  /** How many slices there are. */
  public int slices() {
    return slices.size();
  }

  /** The models of a slice. */
  public List<Member> slice(int slice) {
    return members.subList(slices.get(slice).from(), slices.get(slice).to());
  }

  /** A model's weights from their file, or its initial values where there is none. */
  public void begin(Optional<Path> weights) throws IOException {
    if (weights.isEmpty()) {
      initialise();
      return;
    }
    try (Safetensors file = Safetensors.open(weights.get())) {
      restore(file);
    }
  }

  /** The place in the ensemble of a slice's first model. */
  public int first(int slice) {
    return slices.get(slice).from();
  }

  /** Every model's initial values, as its seed, index and stream decide them; moments zero. */
  public void initialise() {
    each(this::initialise, () -> {});
  }

  private void initialise(int index) {
    Slice slice = slices.get(index);
    for (Layout.Part part : layout.parameters()) {
      slice.parameters().add(Slice.trained(initial(slice, part)));
      slice.m().add(manager.zeros(slice.shape(part)));
      slice.v().add(manager.zeros(slice.shape(part)));
    }
    for (Layout.Part part : layout.buffers()) {
      slice.buffers().add(initial(slice, part));
    }
  }

  private NDArray initial(Slice slice, Layout.Part part) {
    float[] values = new float[slice.size() * part.size()];
    for (int i = 0; i < slice.size(); i++) {
      Layout.initialise(
          part, members.get(slice.from() + i), network.stream(), values, i * part.size());
    }
    return manager.create(values, slice.shape(part));
  }

  /**
   * Values from a file that {@link #tensors} described; moments too if it holds them, else zero.
   */
  public void restore(Safetensors file) throws IOException {
    EnsembleFile values = new EnsembleFile(layout, members.size());
    for (Slice slice : slices) {
      values.restore(file, slice, manager);
    }
  }

  /** The parameters and buffers, and the moments if asked for, as a file would hold them. */
  public Map<String, Safetensors.Tensor> tensors(boolean withMoments) {
    return new EnsembleFile(layout, members.size()).tensors(slices, withMoments);
  }

  /**
   * One training step of a slice, in place.
   *
   * @param batch the rows of each model
   * @param step the number of this step, from 1
   * @return each model's loss, before the step
   */
  public float[] train(
      int slice, Batch batch, Objective objective, double learningRate, long step, boolean bf16) {
    Slice s = slices.get(slice);
    try (NDManager results = manager.newSubManager();
        NDArray loss =
            script.call(
                results,
                "train_step",
                true,
                Script.tensor(batch.inputs()),
                Script.tensor(batch.targets()),
                Script.tensor(batch.weights()),
                Script.tensors(s.parameters()),
                Script.tensors(s.m()),
                Script.tensors(s.v()),
                Script.tensors(s.buffers()),
                ai.djl.pytorch.jni.IValue.from((long) objective.first()),
                ai.djl.pytorch.jni.IValue.from((long) objective.last()),
                ai.djl.pytorch.jni.IValue.from(objective.targetScale()),
                ai.djl.pytorch.jni.IValue.from(learningRate),
                ai.djl.pytorch.jni.IValue.from((double) step),
                ai.djl.pytorch.jni.IValue.from(bf16))) {
      return loss.toFloatArray();
    }
  }

  /**
   * The logits of a slice for a batch, [models, rows, logits] in one array; buffers stay as they
   * are.
   */
  float[] logits(int slice, Batch batch) {
    Slice s = slices.get(slice);
    try (NDManager results = manager.newSubManager();
        NDArray logits =
            script.call(
                results,
                "logits",
                false,
                Script.tensor(batch.inputs()),
                Script.tensors(s.parameters()),
                Script.tensors(s.buffers()),
                Script.tensor(batch.weights()),
                ai.djl.pytorch.jni.IValue.from(false),
                ai.djl.pytorch.jni.IValue.from(false))) {
      return logits.toFloatArray();
    }
  }

  /**
   * Does something for every slice, as many at once as there are cores, and waits for all.
   *
   * @param meanwhile called now and then while waiting; what it throws ends the work
   */
  public void each(IntConsumer work, Runnable meanwhile) {
    cores.each(slices.size(), work, meanwhile);
  }

  /** Takes the logits of some rows of a slice: [models, rows, logits] in one array. */
  @FunctionalInterface
  public interface Answers {
    /** The rows from (inclusive), so many. */
    void take(int from, int rows, float[] logits);
  }

  /** Asks a slice for the logits of the first rows, chunk by chunk. */
  public void ask(int slice, Inputs inputs, int rows, Answers answers) {
    for (int from = 0; from < rows; from += CHUNK) {
      int count = Math.min(CHUNK, rows - from);
      try (Batch batch = batch(slice, inputs, count, 0)) {
        batch.fill(slice(slice), Batch.inputsOnly(IntStream.range(from, from + count).toArray()));
        answers.take(from, count, logits(slice, batch));
      }
    }
  }

  /** A batch for a slice, with room for so many rows of each model. */
  public Batch batch(int slice, Inputs inputs, int rows, int targetLogits) {
    return new Batch(
        manager, inputs, inputs.shared() ? 1 : slices.get(slice).size(), rows, targetLogits);
  }

  @Override
  public void close() {
    cores.close();
    script.close();
    manager.close();
  }
}
