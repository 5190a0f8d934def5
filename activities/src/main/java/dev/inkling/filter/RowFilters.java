package dev.inkling.filter;

import dev.inkling.row.RowBlocks;
import dev.inkling.spec.FilterSpec;
import dev.inkling.stage.Monitor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Filters over rows of text, one after the other: a row that one drops is not seen by those after
 * it. {@code kept.jsonl} gets the rows that are left, in their order and with their indexes, {@code
 * rejected.jsonl} every other row as it came to the filter that dropped it, with that filter's name
 * and its reasons. The same rows, filters and seed give the same bytes, with any number of threads.
 *
 * <p>An object of this class filters once: some filters remember what they have seen.
 */
public final class RowFilters {
  /** The file of the rows that are left. */
  public static final String KEPT = "kept.jsonl";

  /** The file of the rows that are not. */
  public static final String REJECTED = "rejected.jsonl";

  private final List<List<RowStep>> passes = new ArrayList<>();
  private final long seed;

  /**
   * Prepares filters.
   *
   * @param seed where every random choice comes from, together with a row's index
   * @throws IllegalArgumentException if a regular expression is none
   */
  public RowFilters(List<FilterSpec.OfRows> filters, long seed) {
    this.seed = seed;
    passes.add(new ArrayList<>());
    Map<String, Integer> kinds = new HashMap<>();
    for (FilterSpec.OfRows filter : filters) {
      String kind = RowStep.kind(filter);
      int nth = kinds.merge(kind, 1, Integer::sum);
      add(nth == 1 ? kind : kind + " " + nth, filter);
    }
  }

  private void add(String name, FilterSpec.OfRows spec) {
    RowFilter filter =
        switch (spec) {
          case FilterSpec.NumberAnswers numbers -> new NumberAnswers(numbers);
          case FilterSpec.Mentions mentions -> TextFilters.mentions(mentions);
          case FilterSpec.Matches matches -> TextFilters.matches(matches);
          case FilterSpec.Length length -> TextFilters.length(length);
          case FilterSpec.Duplicates duplicates -> new Duplicates(duplicates);
          case FilterSpec.Complete _ -> TextFilters.complete();
          case FilterSpec.ShuffleNumbers shuffle -> new ShuffleNumbers(shuffle, seed);
          case FilterSpec.StripPrefix prefix -> TextFilters.stripPrefix(prefix);
          case FilterSpec.Judge _ ->
              throw new IllegalArgumentException("a judge is asked, not applied");
          case FilterSpec.Sample chosen -> {
            // Every row must have drawn before the first one is chosen: a pass ends here.
            Sample sample = new Sample(chosen, seed);
            passes.getLast().add(new RowStep(name, sample.draw()));
            passes.add(new ArrayList<>());
            yield sample.choose();
          }
        };
    passes.getLast().add(new RowStep(name, filter));
  }

  /**
   * Filters a file of rows.
   *
   * @param directory where {@link #KEPT} and {@link #REJECTED} are written
   * @param threads how many threads work at the same time
   * @param monitor hears how many bytes were read, and may end it all
   * @throws dev.inkling.row.RowException if a line is no row
   */
  public FilterSummary run(Path rows, Path directory, int threads, Monitor monitor)
      throws IOException, InterruptedException {
    LongConsumer progress = progress(rows, monitor);
    Path kept = directory.resolve(KEPT);
    Path rejected = directory.resolve(REJECTED);
    for (Path output : List.of(kept, rejected)) {
      if (Files.exists(output) && Files.isSameFile(output, rows)) {
        throw new IllegalArgumentException(
            rows + " would be overwritten while it is read; choose another directory");
      }
    }
    try (OutputStream rejects = Files.newOutputStream(rejected)) {
      return run(rows, kept, rejects, threads, progress);
    }
  }

  /** Tells a monitor how many bytes of a file were read. */
  static LongConsumer progress(Path rows, Monitor monitor) throws IOException {
    long size = Files.size(rows);
    return bytes -> monitor.progress(Math.min(bytes, size), size, "bytes", Optional.empty());
  }

  /** Each pass reads what the one before has left. */
  FilterSummary run(Path rows, Path kept, OutputStream rejects, int threads, LongConsumer progress)
      throws IOException, InterruptedException {
    Map<String, Tally> tallies = new LinkedHashMap<>();
    long read = 0;
    long left = 0;
    Path input = rows;
    for (int i = 0; i < passes.size(); i++) {
      boolean last = i == passes.size() - 1;
      Path output = last ? kept : kept.resolveSibling(KEPT + "." + (i + 1) + ".tmp");
      List<RowStep> steps = passes.get(i);
      try (RowBlocks blocks = RowBlocks.open(input);
          OutputStream out = Files.newOutputStream(output)) {
        RowPass pass = new RowPass(blocks, steps, out, rejects);
        pass.run(threads, progress);
        read = i == 0 ? pass.rowsRead() : read;
        left = pass.rowsKept();
        for (int s = 0; s < steps.size(); s++) {
          tallies.computeIfAbsent(steps.get(s).name(), _ -> new Tally()).add(pass.tallies().get(s));
        }
      } finally {
        if (i > 0) {
          Files.delete(input);
        }
      }
      input = output;
    }
    List<FilterSummary.Step> did = new ArrayList<>();
    tallies.forEach((name, tally) -> did.add(tally.step(name)));
    return new FilterSummary(read, left, did);
  }
}
