package dev.inkling.finetune;

import dev.inkling.generate.TrainingData;
import dev.inkling.plan.Task;
import dev.inkling.spec.Compute;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.ModelSpec;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.StageContext;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.tensor.Batch;
import dev.inkling.tensor.Ensemble;
import dev.inkling.tensor.Member;
import dev.inkling.tensor.Objective;
import dev.inkling.tensor.Safetensors;
import dev.inkling.tensor.Slices;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.IntStream;

/**
 * Trains every model of every seed: set up or go on from the checkpoint, step, save now and then,
 * write the weights. A resumed training ends in the same bytes as an uninterrupted one, because
 * nothing depends on anything but the step.
 */
public final class Finetune {
  private final StageContext context;
  private final Task.Finetune task;
  private final FinetuneSpec.OfNetworks finetune;
  private final TrainingData data;
  private final Schedule schedule;
  private final boolean filtered;
  private final Ensemble ensemble;
  private final Objective objective;
  private final Checkpoint checkpoint;
  private final long started = System.nanoTime();
  private final Map<Size, Deque<Batch>> batches = new ConcurrentHashMap<>();
  private final Pace pace = new Pace();
  private double secondsBefore;

  private record Size(int models, int rows) {}

  private Finetune(StageContext context, Task.Finetune task, TrainingData data) {
    this.context = context;
    this.task = task;
    this.data = data;
    finetune = task.finetune();
    ModelSpec.Network network = task.network();
    List<Member> members = Member.all(context.stage().seeds(), network.models());
    schedule =
        new Schedule(
            members,
            network.models(),
            data,
            finetune,
            network instanceof ModelSpec.PromptMlp ? 2 : 1);
    int perSlice = Slices.models(network, data.inputs(), finetune.batchSize());
    ensemble = Ensemble.forTraining(network, members, perSlice, finetune.loss());
    objective = Objective.of(finetune.loss(), network);
    filtered = context.input("dataset").manifest().stage().equals(Task.FILTER);
    checkpoint = new Checkpoint(context.work(), context.checkpointEvery());
  }

  /** Performs the stage. */
  public static Outcome perform(StageContext context, Task.Finetune task) throws IOException {
    int width =
        switch (task.network()) {
          case ModelSpec.Mlp mlp -> mlp.layers().getFirst();
          case ModelSpec.PromptMlp _ -> 0; // the dataset decides
        };
    try (TrainingData data = TrainingData.open(task.dataset(), context.input("dataset"), width)) {
      Finetune stage = new Finetune(context, task, data);
      try (Ensemble ensemble = stage.ensemble) {
        return stage.run(ensemble);
      } finally {
        stage.batches.values().forEach(idle -> idle.forEach(Batch::close));
      }
    }
  }

  private Outcome run(Ensemble trained) throws IOException {
    long steps = schedule.steps();
    float[] losses = new float[Math.toIntExact(steps)];
    long step = start(losses);
    while (step < steps) {
      try {
        context.monitor().progress(step, steps, "steps", lastLoss(losses, step));
      } catch (StopRequestedException e) {
        save(step, losses);
        throw e;
      }
      step = advance(step, (int) Math.min(pace.steps(), steps - step), losses);
      if (checkpoint.due() && step < steps) {
        save(step, losses);
      }
    }
    Safetensors.write(
        context.output(Ensemble.WEIGHTS), Map.of("format", "pt"), trained.tensors(false));
    LossTable.write(context.work().output(), losses);
    float last = steps == 0 ? Float.NaN : losses[losses.length - 1];
    return new Outcome(
        String.format(
            Locale.ROOT,
            "%d %s, %,d steps, last loss %.4g",
            trained.members().size(),
            trained.members().size() == 1 ? "model" : "models",
            steps,
            last),
        seconds(),
        steps,
        "steps");
  }

  /**
   * Where to begin: at the last attempt's checkpoint, at the base model's weights, or at the
   * initial ones.
   */
  private long start(float[] losses) throws IOException {
    Optional<Checkpoint.State> saved = checkpoint.restore(ensemble);
    if (saved.isPresent()) {
      System.arraycopy(saved.get().losses(), 0, losses, 0, losses.length);
      secondsBefore = saved.get().seconds();
      context.monitor().note("went on from step " + saved.get().step());
      return saved.get().step();
    }
    ensemble.begin(context.find("model").map(m -> m.file(Ensemble.WEIGHTS)));
    return 0;
  }

  /**
   * Some steps of every slice, and for each step the mean loss of the models that took part. A
   * slice takes its steps one after the other, so that cores wait for each other once, not at every
   * step.
   */
  private long advance(long from, int count, float[] losses) {
    float[][][] each = new float[ensemble.slices()][count][];
    long before = System.nanoTime();
    ensemble.each(
        slice -> {
          for (int i = 0; i < count; i++) {
            each[slice][i] = step(slice, from + i);
          }
        },
        () -> {});
    pace.took(System.nanoTime() - before);
    for (int i = 0; i < count; i++) {
      losses[(int) from + i] = mean(each, i);
    }
    return from + count;
  }

  private static float mean(float[][][] losses, int step) {
    double sum = 0;
    int counted = 0;
    for (float[][] slice : losses) {
      for (float loss : slice[step]) {
        if (!Float.isNaN(loss)) {
          sum += loss;
          counted++;
        }
      }
    }
    return (float) (sum / Math.max(1, counted));
  }

  /** One step of a slice; each model's loss, not a number where its epochs are over. */
  private float[] step(int slice, long step) {
    List<Member> members = ensemble.slice(slice);
    int first = ensemble.first(slice);
    int[][] places = new int[members.size()][];
    List<Member> sources = new ArrayList<>();
    for (int i = 0; i < places.length; i++) {
      places[i] = schedule.places(first + i, step);
      sources.add(ensemble.members().get(schedule.source(first + i)));
    }
    Deque<Batch> idle = idle(places);
    Batch batch = Objects.requireNonNullElseGet(idle.pollFirst(), () -> batch(slice, places));
    float[] loss;
    try {
      batch.fill(sources, rows(first, places));
      boolean bf16 = task.precision() == Compute.Precision.BF16;
      loss = ensemble.train(slice, batch, objective, finetune.learningRate(), step + 1, bf16);
    } finally {
      idle.addFirst(batch);
    }
    for (int i = 0; i < loss.length; i++) {
      if (places[i].length == 0) {
        loss[i] = Float.NaN;
      }
    }
    return loss;
  }

  private static Optional<Double> lastLoss(float[] losses, long step) {
    return step == 0 ? Optional.empty() : Optional.of((double) losses[(int) step - 1]);
  }

  /**
   * The batches of this size that no slice is using: as many as there are cores, so that their
   * memory stays in the caches.
   */
  private Deque<Batch> idle(int[][] places) {
    return batches.computeIfAbsent(
        new Size(places.length, rows(places)), _ -> new ConcurrentLinkedDeque<>());
  }

  private Batch batch(int slice, int[][] places) {
    return ensemble.batch(slice, data.inputs(), rows(places), data.targetLogits());
  }

  /**
   * A batch's rows: padded to the full size where a filter has left each model another number of
   * them, else exact. That depends on the dataset alone, so that a model's sums are taken in the
   * same order whoever trains beside it.
   */
  private int rows(int[][] places) {
    return !filtered
        ? Arrays.stream(places).mapToInt(p -> p.length).max().orElse(finetune.batchSize())
        : finetune.batchSize();
  }

  private Batch.Rows rows(int firstMember, int[][] places) {
    return new Batch.Rows() {
      @Override
      public int count(int model) {
        return places[model].length;
      }

      @Override
      public int[] rows(int model) {
        int source = schedule.source(firstMember + model);
        return IntStream.of(places[model]).map(i -> data.row(source, i)).toArray();
      }

      @Override
      public void target(int model, int i, ByteBuffer target) {
        data.target(schedule.source(firstMember + model), places[model][i], target);
      }
    };
  }

  private void save(long step, float[] losses) throws IOException {
    checkpoint.save(ensemble, new Checkpoint.State(step, losses, seconds()));
  }

  private double seconds() {
    return secondsBefore + (System.nanoTime() - started) / 1e9;
  }
}
