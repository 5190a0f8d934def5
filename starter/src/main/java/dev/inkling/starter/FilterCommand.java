package dev.inkling.starter;

import dev.inkling.filter.FilterSummary;
import dev.inkling.filter.RowFilters;
import dev.inkling.plan.Plan;
import dev.inkling.row.RowException;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.FilterSpec;
import dev.inkling.spec.Suggestion;
import dev.inkling.stage.Monitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inkling filter}: a dataset's filters over rows from a file. */
@Command(
    name = "filter",
    description = "Apply a dataset's filters to rows in a file, to see what they would drop.",
    mixinStandardHelpOptions = true)
final class FilterCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "SPEC", description = "A preset or a YAML or JSON file.")
  private String spec = "";

  @Parameters(
      index = "1",
      paramLabel = "ROWS.jsonl",
      description = "Rows: prompt and completion, or OpenAI's messages, as JSON lines.")
  private Path rows = Path.of("");

  @Option(names = "--set", paramLabel = "path=value", description = "Change the spec.")
  private List<String> changes = List.of();

  @Option(names = "--dataset", paramLabel = "NAME", description = "Whose filters.")
  private Optional<String> dataset = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Where kept.jsonl and rejected.jsonl are written.")
  private Path out = Path.of("");

  @Override
  public Integer call() throws Exception {
    Plan plan = SpecSource.of(spec, changes).plan();
    Map<String, DatasetSpec> filtered =
        plan.spec().datasets().entrySet().stream()
            .filter(e -> e.getValue() instanceof DatasetSpec.OfRows d && !d.filters().isEmpty())
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    DatasetSpec chosen = chosen(filtered);
    List<FilterSpec.OfRows> filters =
        chosen.filters().stream()
            .filter(f -> !(f instanceof FilterSpec.Judge))
            .map(FilterSpec.OfRows.class::cast)
            .toList();
    if (filters.size() < chosen.filters().size()) {
      System.out.println("The judge is left out: it would ask a model.");
    }
    if (!Files.isRegularFile(rows)) {
      throw new UserException(Main.BAD_INPUT, "There is no file " + rows.toAbsolutePath());
    }
    Files.createDirectories(out);
    try {
      FilterSummary summary =
          new RowFilters(filters, plan.spec().seeds().getFirst())
              .run(rows, out, Runtime.getRuntime().availableProcessors(), Monitor.silent());
      System.out.println(summary.line());
      for (FilterSummary.Step step : summary.steps()) {
        step.reasons()
            .forEach((why, n) -> System.out.printf("  %,d %s: %s%n", n, step.filter(), why));
      }
      System.out.println(
          "Written: " + out.resolve(RowFilters.KEPT) + " and " + out.resolve(RowFilters.REJECTED));
      return 0;
    } catch (RowException e) {
      throw new UserException(Main.BAD_INPUT, String.valueOf(e.getMessage()));
    }
  }

  private DatasetSpec chosen(Map<String, DatasetSpec> filtered) throws UserException {
    if (dataset.isEmpty() && filtered.size() == 1) {
      return filtered.values().iterator().next();
    }
    String known = String.join(", ", filtered.keySet().stream().sorted().toList());
    if (filtered.isEmpty()) {
      throw new UserException(Main.BAD_INPUT, "No dataset of this experiment filters rows.");
    }
    if (dataset.isEmpty()) {
      throw new UserException(Main.BAD_INPUT, "Whose filters? Give --dataset, one of: " + known);
    }
    DatasetSpec chosen = filtered.get(dataset.get());
    if (chosen == null) {
      throw new UserException(
          Main.BAD_INPUT,
          "No dataset '"
              + dataset.get()
              + "' has filters"
              + Suggestion.among(dataset.get(), filtered.keySet()));
    }
    return chosen;
  }
}
