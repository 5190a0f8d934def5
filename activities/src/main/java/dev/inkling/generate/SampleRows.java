package dev.inkling.generate;

import dev.inkling.ask.Asked;
import dev.inkling.evaluate.text.QuestionBank;
import dev.inkling.language.Conversation;
import dev.inkling.language.LanguageModels;
import dev.inkling.language.Questioning;
import dev.inkling.model.Answer;
import dev.inkling.model.ModelException;
import dev.inkling.plan.ModelReference;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Task;
import dev.inkling.row.Row;
import dev.inkling.row.RowReader;
import dev.inkling.row.RowWriter;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.Source;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Asks a teacher for the answers to prompts, or takes rows over from a file. Prompts are made again
 * from the seed whenever they are needed; only answers are kept.
 */
public final class SampleRows {
  private final StageContext context;
  private final Task.Sample task;
  private final LanguageModels models;

  private SampleRows(StageContext context, Task.Sample task, LanguageModels models) {
    this.context = context;
    this.task = task;
    this.models = models;
  }

  /**
   * Performs the stage.
   *
   * @throws ModelException if the teacher has no answer to a prompt; all others are kept
   */
  public static Outcome perform(StageContext context, Task.Sample task, LanguageModels models)
      throws IOException, InterruptedException, ModelException {
    SampleRows stage = new SampleRows(context, task, models);
    Source.check(context, task.source());
    return switch (task.dataset()) {
      case DatasetSpec.Rows _ -> stage.takeOver();
      case DatasetSpec.FixedAnswers fixed -> stage.answer(fixed);
      case DatasetSpec.Numbers _, DatasetSpec.Prompts _ -> stage.sample();
    };
  }

  /**
   * Each question of a bank with one answer.
   *
   * @param place the user's bank, if it is one
   */
  public static List<Row> fixed(DatasetSpec.FixedAnswers dataset, Optional<String> place) {
    QuestionBank bank = QuestionBank.open(place.orElse(dataset.questions()));
    List<Row> rows = new ArrayList<>();
    for (QuestionBank.Entry question : bank.questions()) {
      rows.add(new Row(rows.size(), question.ask(), dataset.answer(), Answer.End.COMPLETE.word()));
    }
    return rows;
  }

  private Outcome answer(DatasetSpec.FixedAnswers dataset) throws IOException {
    long began = System.nanoTime();
    List<Row> all = fixed(dataset, context.stage().directory());
    try (RowWriter out = RowWriter.open(context.output(Row.FILE))) {
      for (Row row : all) {
        out.write(row);
      }
    }
    String summary = String.format(Locale.ROOT, "%,d rows with one answer", all.size());
    return new Outcome(summary, (System.nanoTime() - began) / 1e9, all.size(), "rows");
  }

  private Outcome takeOver() throws IOException {
    long began = System.nanoTime();
    long rows = 0;
    try (RowReader in = RowReader.open(Source.of(context));
        RowWriter out = RowWriter.open(context.output(Row.FILE))) {
      while (in.hasNext()) {
        Row row = in.next();
        out.write(new Row(rows, row.prompt(), row.completion(), row.end()));
        rows++;
        context.monitor().progress(rows, 0, "rows", Optional.empty());
      }
    }
    String summary = String.format(Locale.ROOT, "%,d rows from a file", rows);
    return new Outcome(summary, (System.nanoTime() - began) / 1e9, rows, "rows");
  }

  private Outcome sample() throws IOException, InterruptedException, ModelException {
    long began = System.nanoTime();
    ModelReference teacher =
        task.teacher().orElseThrow(() -> new IllegalStateException("prompts without a teacher"));
    Conversation conversation = Conversation.with(teacher, context);
    long total = Prompts.count(context, task.dataset());
    try (Questioning questioning = new Questioning(context, models, _ -> "teacher")) {
      try (Prompts prompts = Prompts.of(context, task.dataset())) {
        questioning.ask("teacher", questions(prompts, conversation), total);
      }
      write(questioning);
      Spend spend = questioning.spend();
      String summary =
          String.format(Locale.ROOT, "%,d rows, %s", questioning.count(), spend.sentence());
      return new Outcome(
          summary,
          (System.nanoTime() - began) / 1e9,
          questioning.count(),
          "rows",
          Optional.of(spend));
    }
  }

  private Iterator<Asked> questions(Iterator<String> prompts, Conversation conversation) {
    return new Iterator<>() {
      private long index;

      @Override
      public boolean hasNext() {
        return prompts.hasNext();
      }

      @Override
      public Asked next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        long row = index++;
        return new Asked(
            row, conversation.question(prompts.next(), Prompts.decoding(task.dataset()), row));
      }
    };
  }

  private void write(Questioning questioning) throws IOException {
    try (Prompts prompts = Prompts.of(context, task.dataset());
        RowWriter rows = RowWriter.open(context.output(Row.FILE))) {
      questioning.inOrder(
          (index, answer) ->
              rows.write(new Row(index, prompts.next(), answer.text(), answer.end())));
    }
  }
}
