package dev.inkling.evaluate;

import dev.inkling.finetune.Finetune;
import dev.inkling.generate.Digits;
import dev.inkling.generate.TrainingData;
import dev.inkling.plan.Task;
import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.ModelSpec;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.StageContext;
import dev.inkling.tensor.Batch;
import dev.inkling.tensor.Ensemble;
import dev.inkling.tensor.Inputs;
import dev.inkling.tensor.Member;
import dev.inkling.tensor.Safetensors;
import dev.inkling.tensor.Slices;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Measures the trait of every model. */
public final class Evaluate {
  private static final int CHUNK = 1000;

  private final StageContext context;
  private final Task.Evaluate task;
  private final List<Member> members;

  /** Whether a row counts, judged by the class that the model puts it in. */
  private interface Hit {
    boolean test(int row, int predicted);
  }

  private Evaluate(StageContext context, Task.Evaluate task) {
    this.context = context;
    this.task = task;
    this.members = Member.all(context.stage().seeds(), task.network().models());
  }

  /** Performs the stage. */
  public static Outcome perform(StageContext context, Task.Evaluate task) throws IOException {
    long started = System.nanoTime();
    Evaluate stage = new Evaluate(context, task);
    Scores scores =
        switch (task.evaluation()) {
          case EvaluationSpec.Accuracy _ -> {
            Digits digits = Digits.test(context.input("dataset"));
            yield stage.scores(
                digits.forAll(),
                digits.count(),
                (row, predicted) -> digits.label(row) == predicted);
          }
          case EvaluationSpec.ClassFraction fraction -> {
            try (TrainingData data =
                TrainingData.open(task.dataset(), context.input("dataset"), 0)) {
              yield stage.scores(
                  data.inputs(), data.count(0), (_, predicted) -> predicted == fraction.label());
            }
          }
        };
    scores.write(context.output(Scores.FILE));
    double mean = Arrays.stream(scores.values()).average().orElse(Double.NaN);
    String summary =
        String.format(
            Locale.ROOT,
            "mean %.4f over %d models, %,d rows each",
            mean,
            scores.scores().size(),
            scores.rows());
    return new Outcome(summary, (System.nanoTime() - started) / 1e9);
  }

  private Scores scores(Inputs inputs, int rows, Hit hit) throws IOException {
    List<Scores.Score> scores = new ArrayList<>();
    int perSlice = Slices.models(task.network(), inputs, CHUNK);
    try (Ensemble ensemble = Ensemble.forInference(task.network(), members, perSlice)) {
      if (context.find("model").isPresent()) {
        try (Safetensors weights = Safetensors.open(context.input("model").file(Finetune.MODEL))) {
          ensemble.restore(weights);
        }
      } else {
        ensemble.initialise();
      }
      for (int slice = 0; slice < ensemble.slices(); slice++) {
        int[] hits = hits(ensemble, slice, inputs, rows, hit);
        for (int i = 0; i < hits.length; i++) {
          Member member = ensemble.slice(slice).get(i);
          scores.add(
              new Scores.Score(member.seed(), member.index(), hits[i], (double) hits[i] / rows));
        }
      }
    }
    return new Scores(rows, scores);
  }

  private int[] hits(Ensemble ensemble, int slice, Inputs inputs, int rows, Hit hit) {
    List<Member> models = ensemble.slice(slice);
    int[] hits = new int[models.size()];
    for (int from = 0; from < rows; from += CHUNK) {
      int count = Math.min(CHUNK, rows - from);
      int first = from;
      try (Batch batch = ensemble.batch(slice, inputs, count, 0)) {
        batch.fill(models, Batch.inputsOnly(IntStream.range(first, first + count).toArray()));
        float[] logits = ensemble.logits(slice, batch);
        for (int m = 0; m < hits.length; m++) {
          for (int i = 0; i < count; i++) {
            if (hit.test(first + i, largest(logits, (m * count + i) * task.network().logits()))) {
              hits[m]++;
            }
          }
        }
      }
      context
          .monitor()
          .progress(
              (long) slice * rows + from + count,
              (long) ensemble.slices() * rows,
              "rows",
              Optional.empty());
    }
    return hits;
  }

  /** The class with the largest logit; ghost logits are no classes. */
  private int largest(float[] logits, int offset) {
    int classes =
        switch (task.network()) {
          case ModelSpec.Mlp mlp -> mlp.classes();
          case ModelSpec.PromptMlp prompt -> prompt.classes();
        };
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (logits[offset + c] > logits[offset + best]) {
        best = c;
      }
    }
    return best;
  }
}
