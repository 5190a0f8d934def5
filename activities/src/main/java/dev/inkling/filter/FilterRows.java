package dev.inkling.filter;

import dev.inkling.language.LanguageModels;
import dev.inkling.model.ModelException;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Task;
import dev.inkling.row.Row;
import dev.inkling.spec.FilterSpec;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Drops and changes rows of text, and writes down which and why: {@code rows.jsonl} has what is
 * left, {@code rejected.jsonl} the rest with reasons.
 */
public final class FilterRows {
  private FilterRows() {}

  /**
   * Performs the stage.
   *
   * @throws ModelException if the judge has no answer; all others are kept
   */
  public static Outcome perform(StageContext context, Task.FilterRows task, LanguageModels models)
      throws IOException, InterruptedException, ModelException {
    long began = System.nanoTime();
    Path rows = context.input("dataset").file(Row.FILE);
    Path output = context.output(Row.FILE).getParent();
    long seed = context.stage().seeds().getFirst();
    Path rejected = output.resolve(RowFilters.REJECTED);
    List<FilterSummary.Step> steps = new ArrayList<>();
    Optional<Spend> spend = Optional.empty();
    long read = -1;
    long kept = 0;
    try (OutputStream rejects = Files.newOutputStream(rejected)) {
      for (List<FilterSpec.OfRows> part : parts(task.filters())) {
        Path left = output.resolve(RowFilters.KEPT);
        FilterSummary summary;
        if (part.getFirst() instanceof FilterSpec.Judge judge) {
          try (JudgedRows judged = new JudgedRows(context, judge, models)) {
            summary = judged.run(rows, left, rejects);
            spend = Optional.of(judged.spend());
          }
        } else {
          summary =
              new RowFilters(part, seed)
                  .run(
                      rows, left, rejects, threads(), RowFilters.progress(rows, context.monitor()));
        }
        Files.move(left, output.resolve(Row.FILE), StandardCopyOption.REPLACE_EXISTING);
        rows = output.resolve(Row.FILE);
        read = read < 0 ? summary.read() : read;
        kept = summary.kept();
        steps.addAll(summary.steps());
      }
    }
    FilterSummary all = new FilterSummary(read, kept, steps);
    String paid = spend.map(s -> "; the judge: " + s.sentence()).orElse("");
    return new Outcome(all.line() + paid, (System.nanoTime() - began) / 1e9, read, "rows", spend);
  }

  /** A judge by itself, and what stands between judges together. */
  private static List<List<FilterSpec.OfRows>> parts(List<FilterSpec> filters) {
    List<List<FilterSpec.OfRows>> parts = new ArrayList<>();
    boolean alone = true;
    for (FilterSpec spec : filters) {
      FilterSpec.OfRows filter = (FilterSpec.OfRows) spec;
      boolean judge = filter instanceof FilterSpec.Judge;
      if (alone || judge) {
        parts.add(new ArrayList<>());
      }
      parts.getLast().add(filter);
      alone = judge;
    }
    return parts;
  }

  private static int threads() {
    return Runtime.getRuntime().availableProcessors();
  }
}
