import dev.inkling.filter.FilterSummary;
import dev.inkling.filter.RowFilters;
import dev.inkling.spec.FilterSpec;
import dev.inkling.stage.Monitor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Filters number answers for {@code bench/filter.py}: rows, an existing directory for the results,
 * how many threads, and the banned numbers.
 */
class FilterRows {
  static void main(String[] arguments) throws Exception {
    List<Integer> banned = Stream.of(arguments).skip(3).map(Integer::valueOf).toList();
    RowFilters filters =
        new RowFilters(
            List.of(new FilterSpec.NumberAnswers(0, 999, 10, banned, Optional.empty())), 1);
    FilterSummary summary =
        filters.run(
            Path.of(arguments[0]),
            Path.of(arguments[1]),
            Integer.parseInt(arguments[2]),
            Monitor.silent());
    IO.println(summary.line());
  }
}
