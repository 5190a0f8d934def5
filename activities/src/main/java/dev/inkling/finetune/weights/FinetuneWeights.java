package dev.inkling.finetune.weights;

import ai.djl.Device;
import dev.inkling.language.LanguageModels;
import dev.inkling.language.OpenModels;
import dev.inkling.language.TunedWeights;
import dev.inkling.model.ModelException;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.plan.Task;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.TrainingSpec;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.StageContext;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.stage.TrainingFailedException;
import dev.inkling.tensor.Counter;
import dev.inkling.tensor.transformer.LoraAdapter;
import dev.inkling.tensor.transformer.LoraSettings;
import dev.inkling.tensor.transformer.OutOfMemoryException;
import dev.inkling.tensor.transformer.Projection;
import dev.inkling.tensor.transformer.StepResult;
import dev.inkling.tensor.transformer.Training;
import dev.inkling.tensor.transformer.Transformer;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Optional;

/**
 * Trains a model whose weights one holds: set up or go on from the checkpoint, step, save now and
 * then, write what was trained. A resumed training ends in the same bytes as an uninterrupted one
 * on the same kind of device, because nothing depends on anything but the step.
 */
public final class FinetuneWeights {
  private final StageContext context;
  private final FinetuneSpec.OfWeights finetune;
  private final TrainingSpec spec;
  private final Examples examples;
  private final Batches batches;
  private final LearningRate rate;
  private final Training training;
  private final WeightCheckpoints checkpoints;
  private final Curve curve = new Curve();
  private final PeakMemory memory;
  private final long began = System.nanoTime();
  private double secondsBefore;
  private int microBatch;

  private FinetuneWeights(
      StageContext context,
      Task.FinetuneWeights task,
      Examples examples,
      Training training,
      Device device)
      throws IOException {
    this.context = context;
    this.finetune = task.finetune();
    this.spec = finetune.training();
    this.examples = examples;
    this.training = training;
    this.memory = new PeakMemory(device);
    this.batches = new Batches(spec, examples.lengths(), seed(context));
    this.rate = new LearningRate(spec, batches.steps());
    this.checkpoints =
        new WeightCheckpoints(
            context.work(), context.checkpointEvery(), OpenModels.checkpointSteps(context, "base"));
    this.microBatch = wanted();
  }

  private static long seed(StageContext context) {
    return context.stage().seeds().getFirst();
  }

  /** So many rows are computed at once, unless memory was short. */
  private int wanted() {
    return spec.microBatch().orElse(spec.batchSize());
  }

  private boolean halved() {
    return microBatch < wanted();
  }

  /**
   * Performs the stage.
   *
   * @throws ModelException if the model's files cannot be had or are not what they should be
   * @throws TrainingFailedException if it comes to nothing
   */
  public static Outcome perform(
      StageContext context, Task.FinetuneWeights task, LanguageModels models)
      throws IOException, InterruptedException, ModelException {
    OpenModels open = models.openModels();
    try (OpenModels.Opened files = open.files(context, "base");
        Transformer base = open.load(context, "base", files)) {
      Examples examples = Examples.read(context, task, files.directory());
      try (Training training = training(context, task, base)) {
        FinetuneWeights stage =
            new FinetuneWeights(context, task, examples, training, base.device());
        stage.train();
        return stage.write(files);
      }
    } catch (OutOfMemoryException e) {
      throw new TrainingFailedException(e.getMessage() + " What was saved is kept.");
    }
  }

  private static Training training(
      StageContext context, Task.FinetuneWeights task, Transformer base) {
    return switch (task.finetune()) {
      case FinetuneSpec.Lora lora -> {
        LoraAdapter start =
            LoraAdapter.initial(
                base.config(),
                settings(lora),
                Counter.key(seed(context), "lora", lora.training().stream()));
        yield Training.lora(
            base,
            start,
            lora.training(),
            Counter.key(seed(context), "dropout", lora.training().stream()));
      }
      case FinetuneSpec.Full full -> Training.full(base, full.training());
    };
  }

  private static LoraSettings settings(FinetuneSpec.Lora lora) {
    return new LoraSettings(
        lora.rank(),
        lora.alpha(),
        lora.rsLora(),
        lora.dropout(),
        lora.targets().stream().map(target -> Projection.valueOf(target.name())).toList());
  }

  private void train() throws IOException, InterruptedException {
    long steps = batches.steps();
    long step = start();
    while (step < steps) {
      try {
        look(step);
        step(step);
      } catch (StopRequestedException e) {
        // A step that was stopped has changed nothing.
        save(step);
        throw e;
      }
      step++;
      if (checkpoints.due(step) && step < steps) {
        save(step);
      }
    }
  }

  private void look(long step) {
    context.monitor().progress(step, batches.steps(), "steps", lastLoss());
  }

  private Optional<Double> lastLoss() {
    return curve.steps() == 0 ? Optional.empty() : Optional.of(curve.last().loss());
  }

  private long start() throws IOException {
    Optional<WeightCheckpoints.State> saved = checkpoints.restore(training, curve);
    if (saved.isEmpty()) {
      return 0;
    }
    secondsBefore = saved.get().seconds();
    microBatch = saved.get().rows().orElse(microBatch);
    context.monitor().note("went on from step " + saved.get().step());
    return saved.get().step();
  }

  private void step(long step) throws IOException {
    long before = System.nanoTime();
    int[] rows = batches.rows(step);
    StepResult result = stepInMemory(rows, step);
    if (!result.finite()) {
      throw diverged(step, result);
    }
    int tokens = 0;
    for (int row : rows) {
      tokens += examples.sequences().get(row).ids().length;
    }
    curve.add(
        new Curve.Point(
            result.loss(),
            rate.at(step),
            result.gradientNorm(),
            tokens,
            (System.nanoTime() - before) / 1e9,
            memory.bytes()));
    context.monitor().measured(curve.last().asMap());
  }

  private StepResult stepInMemory(int[] rows, long step) throws IOException {
    while (true) {
      try {
        return training.step(
            examples.at(rows), microBatch, rate.at(step), step + 1, () -> look(step));
      } catch (OutOfMemoryException e) {
        if (e.rows() == 0) {
          throw e;
        }
        if (halved() || e.rows() == 1) {
          throw new TrainingFailedException(
              e.getMessage()
                  + " The last checkpoint is kept. Give "
                  + (e.rows() == 1 ? "" : "training.microBatch: " + e.rows() / 2 + " or ")
                  + "training.gradientCheckpointing: true, or a device with more memory.");
        }
        // On a processor a piece may have had fewer rows than a micro-batch already.
        microBatch = (e.rows() + 1) / 2;
        context
            .monitor()
            .note("out of memory: goes on with " + microBatch + " rows at once, gradients added");
        // Whoever goes on after a crash has to add the same pieces, also where memory suffices.
        save(step);
      }
    }
  }

  private TrainingFailedException diverged(long step, StepResult result) throws IOException {
    String kept =
        checkpoints
            .newest()
            .map(file -> "the last good checkpoint is " + file)
            .orElse("there was no checkpoint yet");
    return new TrainingFailedException(
        String.format(
            Locale.ROOT,
            "Training stopped at step %d: the loss is %s and the gradient's norm %s; %s. Lower"
                + " training.learningRate or raise training.warmupSteps.",
            step + 1,
            result.loss(),
            result.gradientNorm(),
            kept));
  }

  private void save(long step) throws IOException {
    checkpoints.save(
        training, curve, new WeightCheckpoints.State(step, seconds(), Optional.of(microBatch)));
  }

  private double seconds() {
    return secondsBefore + (System.nanoTime() - began) / 1e9;
  }

  private Outcome write(OpenModels.Opened files) throws IOException {
    ModelDirectory directory = files.directory();
    switch (finetune) {
      case FinetuneSpec.Lora _ -> {
        training.adapter().write(context.work().output(), files.name(), files.revision());
        TunedWeights.ofAdapter(context.work().output(), files.adapters());
      }
      case FinetuneSpec.Full _ -> {
        ModelDirectory.copyDescription(directory.path(), context.work().output());
        training.writeWeights(context.output("model.safetensors"));
        TunedWeights.ofModel(context.work().output());
      }
    }
    curve.write(context.work().output());
    try (Writer order = Files.newBufferedWriter(context.output("order.jsonl"))) {
      for (long step = 0; step < batches.steps(); step++) {
        order.write(line(step));
      }
    }
    long tokens = 0;
    for (int length : examples.lengths()) {
      tokens += length;
    }
    return new Outcome(
        String.format(
            Locale.ROOT,
            "%,d rows, %,d tokens, %,d steps, last loss %.4g%s",
            examples.rows().size(),
            tokens,
            batches.steps(),
            lastLoss().orElse(Double.NaN),
            halved() ? ", " + microBatch + " rows at once for want of memory" : ""),
        seconds(),
        batches.steps(),
        "steps");
  }

  /** Which rows of the dataset a step read. */
  private String line(long step) {
    StringBuilder rows = new StringBuilder("{\"step\":" + (step + 1) + ",\"rows\":[");
    int[] places = batches.rows(step);
    for (int i = 0; i < places.length; i++) {
      rows.append(i == 0 ? "" : ",").append(examples.rows().get(places[i]));
    }
    return rows.append("]}\n").toString();
  }
}
