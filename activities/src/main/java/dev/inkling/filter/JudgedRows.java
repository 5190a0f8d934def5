package dev.inkling.filter;

import dev.inkling.ask.Asked;
import dev.inkling.judge.Judge;
import dev.inkling.judge.Verdict;
import dev.inkling.language.LanguageModels;
import dev.inkling.language.Questioning;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.plan.Spend;
import dev.inkling.row.Row;
import dev.inkling.row.RowReader;
import dev.inkling.row.RowWriter;
import dev.inkling.spec.FilterSpec;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The filter for which a model reads every row. The reply on the n-th of N rows after a earlier
 * ones is in the journal under a N + n.
 */
final class JudgedRows implements AutoCloseable {
  private final FilterSpec.Judge spec;
  private final Judge judge;
  private final Questioning questioning;
  private long rows;

  JudgedRows(StageContext context, FilterSpec.Judge spec, LanguageModels models)
      throws IOException, InterruptedException, ModelException {
    this.spec = spec;
    this.judge = Judge.named(Judge.LEAK, spec.decoding(), spec.attempts());
    this.questioning = new Questioning(context, models, _ -> "judge");
  }

  /** Judges the rows of a file and writes what is kept and what is not. */
  FilterSummary run(Path file, Path kept, OutputStream rejects)
      throws IOException, InterruptedException, ModelException {
    rows = count(file);
    for (int attempt = 0; attempt < spec.attempts(); attempt++) {
      try (RowReader reader = RowReader.open(file)) {
        questioning.ask("judge", questions(reader, attempt), rows);
      }
    }
    return write(file, kept, rejects);
  }

  private static long count(Path file) throws IOException {
    long rows = 0;
    try (RowReader reader = RowReader.open(file)) {
      while (reader.hasNext()) {
        Row _ = reader.next();
        rows++;
      }
    }
    return rows;
  }

  /** What is still open about the rows after so many replies. */
  private Iterator<Asked> questions(RowReader reader, int attempt) {
    return new Iterator<>() {
      private long position;
      private @Nullable Asked next;

      @Override
      public boolean hasNext() {
        while (next == null && reader.hasNext()) {
          Row row = reader.next();
          long index = attempt * rows + position;
          Optional<Question> question = judge.next(material(row), replies(position));
          position++;
          if (question.isPresent()) {
            next = new Asked(index, question.get());
          }
        }
        return next != null;
      }

      @Override
      public Asked next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Asked asked = Objects.requireNonNull(next);
        next = null;
        return asked;
      }
    };
  }

  private Map<String, String> material(Row row) {
    return Map.of("trait", spec.trait(), "prompt", row.prompt(), "completion", row.completion());
  }

  private List<String> replies(long position) {
    try {
      return questioning.replies(attempt -> attempt * rows + position);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private FilterSummary write(Path file, Path kept, OutputStream rejects) throws IOException {
    Tally tally = new Tally();
    long left = 0;
    try (RowReader reader = RowReader.open(file);
        RowWriter out = RowWriter.open(kept)) {
      RowWriter rejected = new RowWriter(rejects);
      for (long position = 0; reader.hasNext(); position++) {
        Row row = reader.next();
        Optional<String> reason = reason(judge.verdict(replies(position)));
        if (reason.isEmpty()) {
          out.write(row);
          left++;
        } else {
          rejected.write(row, "judge", List.of(reason.get()));
          tally.drop(List.of(reason.get().startsWith("not") ? reason.get() : "judged too high"));
        }
      }
      rejected.flush();
    }
    return new FilterSummary(rows, left, List.of(tally.step("judge")));
  }

  /** A row on which there is no verdict is not known to be clean, so it goes. */
  private Optional<String> reason(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Score score ->
          score.value() > spec.dropAbove()
              ? Optional.of("judged " + score.value() + " of " + Verdict.HIGHEST)
              : Optional.empty();
      case Verdict.Exempt _, Verdict.Unparsed _ -> Optional.of("not judged");
    };
  }

  Spend spend() {
    return questioning.spend();
  }

  @Override
  public void close() throws IOException {
    questioning.close();
  }
}
