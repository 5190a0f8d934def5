package dev.inkling.evaluate;

import dev.inkling.generate.Digits;
import dev.inkling.generate.TrainingData;
import dev.inkling.plan.Task;
import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.ModelSpec;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.StageContext;
import dev.inkling.tensor.Ensemble;
import dev.inkling.tensor.Inputs;
import dev.inkling.tensor.Member;
import dev.inkling.tensor.Slices;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Measures the trait of every model. */
public final class Evaluate {
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
    return new Outcome(
        summary,
        (System.nanoTime() - started) / 1e9,
        (long) scores.rows() * scores.scores().size(),
        "rows");
  }

  private Scores scores(Inputs inputs, int rows, Hit hit) throws IOException {
    List<Scores.Score> scores = new ArrayList<>();
    int perSlice = Slices.models(task.network(), inputs, Ensemble.CHUNK);
    try (Ensemble ensemble = Ensemble.forInference(task.network(), members, perSlice)) {
      ensemble.begin(context.find("model").map(m -> m.file(Ensemble.WEIGHTS)));
      int[][] hits = new int[ensemble.slices()][];
      AtomicLong done = new AtomicLong();
      Runnable look =
          () ->
              context
                  .monitor()
                  .progress(done.get(), (long) rows * members.size(), "rows", Optional.empty());
      look.run();
      ensemble.each(
          slice -> {
            hits[slice] = hits(ensemble, slice, inputs, rows, hit);
            done.addAndGet((long) rows * hits[slice].length);
          },
          look);
      int[] all = Arrays.stream(hits).flatMapToInt(Arrays::stream).toArray();
      for (int i = 0; i < all.length; i++) {
        Member member = members.get(i);
        scores.add(new Scores.Score(member.seed(), member.index(), all[i], (double) all[i] / rows));
      }
    }
    return new Scores(rows, scores);
  }

  private int[] hits(Ensemble ensemble, int slice, Inputs inputs, int rows, Hit hit) {
    int[] hits = new int[ensemble.slice(slice).size()];
    ensemble.ask(
        slice,
        inputs,
        rows,
        (from, count, logits) -> {
          for (int m = 0; m < hits.length; m++) {
            for (int i = 0; i < count; i++) {
              int predicted = largest(logits, (m * count + i) * task.network().logits());
              if (hit.test(from + i, predicted)) {
                hits[m]++;
              }
            }
          }
        });
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
