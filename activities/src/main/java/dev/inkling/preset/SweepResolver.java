package dev.inkling.preset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Plan;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Problem;
import dev.inkling.spec.SweepSpec;
import dev.inkling.stage.Monitor;
import dev.inkling.workflow.SweepPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks a sweep: every point must be an experiment that can be run, and no two the same. */
public final class SweepResolver {
  /** What is wrong at three points is most likely wrong at the others too. */
  private static final int MOST_INVALID = 3;

  private SweepResolver() {}

  /**
   * The plan of a sweep.
   *
   * @param document the sweep as JSON; null if somebody started the workflow without input
   * @param monitor hears that this is alive; what it throws ends it
   * @throws InvalidSpecException naming the points that cannot be run
   */
  public static SweepPlan plan(@Nullable JsonNode document, Monitor monitor)
      throws InvalidSpecException {
    SweepSpec sweep = SweepSpec.read(document);
    UserSources sources = new UserSources(System.getenv(), monitor);
    int points = sweep.points();
    Map<String, Integer> ids = new LinkedHashMap<>();
    Set<String> told = new LinkedHashSet<>();
    List<Problem> problems = new ArrayList<>();
    int invalid = 0;
    Optional<Plan> first = Optional.empty();
    for (int point = 0; point < points && invalid < MOST_INVALID; point++) {
      monitor.progress(point, points, "points", Optional.empty());
      try {
        Plan plan = Resolver.plan(sweep.document(point), sources);
        first = first.or(() -> Optional.of(plan));
        Integer same = ids.putIfAbsent(plan.id(), point);
        if (same != null) {
          invalid++;
          String message = "is the same experiment as point " + (same + 1);
          problems.add(new Problem(name(sweep, point), message));
        }
      } catch (InvalidSpecException e) {
        invalid++;
        for (Problem problem : e.problems()) {
          if (told.add(problem.toString())) {
            problems.add(new Problem(name(sweep, point), problem.toString()));
          }
        }
      }
    }
    if (!problems.isEmpty() || first.isEmpty()) {
      throw new InvalidSpecException(problems);
    }
    String name = first.get().spec().name();
    String id = name + "-sweep-" + Keys.of(List.copyOf(ids.keySet())).substring(0, 10);
    return new SweepPlan(
        id, name, first.get().spec().question(), Presets.named(sweep.experiment()), points);
  }

  private static String name(SweepSpec sweep, int point) {
    return "point " + (point + 1) + " of " + sweep.points() + " (" + sweep.label(point) + ")";
  }
}
