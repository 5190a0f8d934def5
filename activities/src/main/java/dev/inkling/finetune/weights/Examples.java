package dev.inkling.finetune.weights;

import dev.inkling.finetune.DrawnRows;
import dev.inkling.language.EmptyDatasetException;
import dev.inkling.model.Message;
import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.plan.Task;
import dev.inkling.row.Row;
import dev.inkling.spec.TrainingSpec;
import dev.inkling.stage.StageContext;
import dev.inkling.stage.TrainingFailedException;
import dev.inkling.tensor.transformer.Sequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The rows of a dataset as the model reads them: tokens, and where the completion begins. */
record Examples(List<Sequence> sequences, List<Long> rows) {
  Examples {
    sequences = List.copyOf(sequences);
    rows = List.copyOf(rows);
  }

  /**
   * Reads them all.
   *
   * @throws EmptyDatasetException if there are none
   * @throws TrainingFailedException if a row is longer than it may be
   */
  static Examples read(StageContext context, Task.FinetuneWeights task, ModelDirectory model)
      throws IOException {
    TrainingSpec spec = task.finetune().training();
    List<Sequence> sequences = new ArrayList<>();
    List<Long> rows = new ArrayList<>();
    long seed = context.stage().seeds().getFirst();
    new DrawnRows(context.input("dataset").file(Row.FILE), spec.maxRows(), seed)
        .each(
            row -> {
              sequences.add(sequence(task, model, row));
              rows.add(row.index());
              context.monitor().progress(rows.size(), 0, "rows", Optional.empty());
            });
    if (rows.isEmpty()) {
      throw new EmptyDatasetException(context.input("dataset"));
    }
    Examples examples = new Examples(sequences, rows);
    examples.check(Math.min(spec.maxTokens(), model.config().context()));
    return examples;
  }

  private static Sequence sequence(Task.FinetuneWeights task, ModelDirectory model, Row row) {
    List<Message> messages = new ArrayList<>();
    task.base().system().ifPresent(s -> messages.add(Message.system(s)));
    messages.add(Message.user(row.prompt()));
    try {
      ModelDirectory.Example example = model.example(messages, row.completion());
      return new Sequence(example.ids(), example.completionStart());
    } catch (InvalidModelException e) {
      throw new TrainingFailedException("Row " + row.index() + ": " + e.getMessage());
    }
  }

  private void check(int most) {
    long longer = sequences.stream().filter(s -> s.ids().length > most).count();
    if (longer > 0) {
      throw new TrainingFailedException(
          String.format(
              Locale.ROOT,
              "%,d of %,d rows have more than %,d tokens, the longest %,d. Nothing was trained."
                  + " Raise training.maxTokens (the model's context is the bound), or filter the"
                  + " dataset.",
              longer,
              sequences.size(),
              most,
              longest()));
    }
  }

  int longest() {
    return sequences.stream().mapToInt(s -> s.ids().length).max().orElse(0);
  }

  /** The rows' numbers of tokens. */
  int[] lengths() {
    return sequences.stream().mapToInt(s -> s.ids().length).toArray();
  }

  /** Some of them. */
  List<Sequence> at(int[] places) {
    List<Sequence> some = new ArrayList<>();
    for (int place : places) {
      some.add(sequences.get(place));
    }
    return some;
  }
}
