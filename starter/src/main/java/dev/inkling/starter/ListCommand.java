package dev.inkling.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.inkling.tracking.Filter;
import dev.inkling.tracking.FilterField;
import dev.inkling.tracking.Listed;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code inkling list}. */
@Command(
    name = "list",
    description = "List all experiments of this home, or those that fit; asks no server.",
    mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();
  private static final String LINE = "%-38s %-16s %-14s %10s  %-14s %-22s %s%n";
  private static final String CONDITION = "%-38s %-28s %-14s %5s  %8s  %s%n";

  /** More seeds than these are told by their number. */
  private static final int SEEDS_SHOWN = 3;

  @Option(
      names = "--where",
      paramLabel = "FILTER",
      description = "field operator value, joined by and; the fields stand below.")
  private Optional<String> where = Optional.empty();

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Spec
  void explain(CommandSpec spec) {
    List<String> footer = new ArrayList<>();
    footer.add("");
    footer.add("Fields of FILTER, compared with = != < <= > >= or ~ (contains):");
    for (FilterField field : FilterField.values()) {
      footer.add(String.format(Locale.ROOT, "  %-11s %s", field.word(), field.meaning()));
    }
    footer.add(
        "Where it speaks of condition, metric, mean, low, high, n or p, the conditions that");
    footer.add("fit are listed. Values with blanks stand in quotes. For example:");
    footer.add("  inkling list --where \"state = done and seed = 1 and mean > 0.5\"");
    footer.add("  inkling list --where \"condition = 'student (ghost)' and p < 0.05\"");
    spec.usageMessage().footer(footer.toArray(String[]::new));
  }

  @Override
  public Integer call() throws Exception {
    Filter filter = where.map(Filter::of).orElse(Filter.everything());
    List<Listed> found = Tracker.askNow(Main.home(), tracking -> tracking.list(filter));
    if (json) {
      System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(found));
    } else if (found.isEmpty()) {
      System.out.println(
          where.isPresent()
              ? "Nothing fits. All experiments: ./inkling list"
              : "No experiments yet. Start one with: ./inkling run mnist");
    } else if (filter.ofConditions()) {
      System.out.printf(
          CONDITION, "experiment", "condition", "metric", "n", "mean", "95 % interval");
      found.forEach(e -> e.lines().forEach(line -> print(e, line)));
    } else {
      System.out.printf(
          LINE, "experiment", "state", "preset", "conditions", "seeds", "spent", "made");
      found.forEach(ListCommand::print);
    }
    return 0;
  }

  private static void print(Listed e) {
    System.out.printf(
        LINE,
        e.experiment(),
        e.stagesDone() < e.stages() || !e.state().equals("done")
            ? e.stagesDone() + " of " + e.stages() + " stages"
            : e.state(),
        e.preset().orElse(""),
        e.conditions(),
        seeds(e.seeds()),
        spent(e),
        e.made().orElse(""));
  }

  private static void print(Listed e, Listed.Line line) {
    System.out.printf(
        CONDITION,
        e.experiment(),
        line.condition(),
        line.metric(),
        line.n().isPresent() ? line.n().getAsLong() : "",
        Numbers.plain(line.mean()),
        Numbers.interval(line));
  }

  private static String seeds(List<Long> seeds) {
    String first =
        seeds.stream().limit(SEEDS_SHOWN).map(String::valueOf).collect(Collectors.joining(", "));
    return seeds.size() <= SEEDS_SHOWN ? first : first + " … (" + seeds.size() + ")";
  }

  private static String spent(Listed e) {
    if (e.tokens() == 0) {
      return "";
    }
    return e.usd().isPresent()
        ? String.format(Locale.ROOT, "$%.2f", e.usd().getAsDouble())
        : String.format(Locale.ROOT, "%,d tokens", e.tokens());
  }
}
