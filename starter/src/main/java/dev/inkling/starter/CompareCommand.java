package dev.inkling.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.inkling.spec.Suggestion;
import dev.inkling.tracking.Comparison;
import dev.inkling.tracking.Tracked;
import dev.inkling.tracking.Tracking;
import dev.inkling.tracking.TrackingException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inkling compare}. */
@Command(
    name = "compare",
    description = "Compare experiments: where their specs differ, and their results.",
    mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();

  @Parameters(
      arity = "2..*",
      paramLabel = "ID",
      description = "Two experiments or more, by their ids or the beginnings of them.")
  private List<String> named = List.of();

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Comparison comparison =
        Tracker.askNow(Main.home(), tracking -> Comparison.of(experiments(tracking)));
    System.out.println(
        json
            ? JSON.writerWithDefaultPrettyPrinter().writeValueAsString(comparison)
            : ComparisonTable.of(comparison));
    return 0;
  }

  private List<Tracked> experiments(Tracking tracking) throws TrackingException, UserException {
    List<String> ids = tracking.ids();
    Set<String> chosen = new LinkedHashSet<>();
    for (String name : named) {
      if (!chosen.add(resolve(name, ids))) {
        throw new UserException(
            Main.BAD_INPUT, "'" + name + "' stands there twice; name different experiments.");
      }
    }
    List<Tracked> experiments = new ArrayList<>();
    for (String id : chosen) {
      experiments.add(tracking.experiment(id));
    }
    return experiments;
  }

  /** The experiment that an id or the beginning of one stands for. */
  static String resolve(String name, List<String> ids) throws UserException {
    if (ids.contains(name)) {
      return name;
    }
    List<String> found = ids.stream().filter(id -> id.startsWith(name)).toList();
    if (found.size() == 1) {
      return found.getFirst();
    }
    if (found.isEmpty()) {
      throw new UserException(
          Main.BAD_INPUT, "There is no experiment '" + name + "'" + near(name, ids));
    }
    throw new UserException(
        Main.BAD_INPUT,
        "'" + name + "' is the beginning of several: " + String.join(", ", found) + ".");
  }

  /** Ids end in a hash, which nobody remembers; so names are near too. */
  private static String near(String name, List<String> ids) {
    List<String> words =
        Stream.concat(ids.stream(), ids.stream().map(id -> id.replaceAll("-[0-9a-f]{10}$", "")))
            .distinct()
            .toList();
    String suggestion = Suggestion.among(name, words);
    return suggestion.startsWith(", did you mean") ? suggestion : ". See: ./inkling list";
  }
}
