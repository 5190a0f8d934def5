package dev.inkling.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Many experiments that differ at a few places: the product of the values at each place, in the
 * order in which they are written, the last place changing fastest.
 *
 * @param experiment the spec that all points start from; not to be changed
 * @param grid the values by their path in the spec
 * @param parallel how many points are under way at once
 */
public record SweepSpec(ObjectNode experiment, Map<String, List<JsonNode>> grid, int parallel) {
  /** More would take days to look through, and minutes to check. */
  public static final int MOST_POINTS = 10_000;

  private static final int MOST_PARALLEL = 100;

  /** One experiment's stage uses the cores while the others plan, wait or report. */
  public static final int USUAL_PARALLEL = 4;

  private static final List<String> FIELDS = List.of("experiment", "grid", "parallel");
  private static final int LABEL_LENGTH = 120;

  public SweepSpec {
    grid = Collections.unmodifiableMap(new LinkedHashMap<>(grid));
  }

  /**
   * Reads a sweep's document. Whether each point is an experiment that can be run is another
   * question.
   *
   * @throws InvalidSpecException with every problem
   */
  public static SweepSpec read(@Nullable JsonNode document) throws InvalidSpecException {
    if (!(document instanceof ObjectNode sweep)) {
      throw new InvalidSpecException(
          List.of(
              new Problem(
                  "",
                  "a sweep is an object, for example {\"experiment\": {\"preset\": \"promptmlp\"},"
                      + " \"grid\": {\"datasets.unrelated.rows\": [500, 1000]}}")));
    }
    List<Problem> problems = new ArrayList<>();
    sweep
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!FIELDS.contains(name)) {
                String message = "there is no field '" + name + "' in a sweep";
                problems.add(new Problem(name, message + Suggestion.among(name, FIELDS)));
              }
            });
    if (!(sweep.get("experiment") instanceof ObjectNode)) {
      problems.add(
          new Problem("experiment", "must be a spec, for example {\"preset\": \"promptmlp\"}"));
    }
    Map<String, List<JsonNode>> grid = grid(sweep.get("grid"), problems);
    JsonNode parallel = sweep.path("parallel");
    boolean given = !parallel.isMissingNode() && !parallel.isNull();
    if (given && !(parallel.isInt() && within(parallel.intValue(), 1, MOST_PARALLEL))) {
      problems.add(
          new Problem(
              "parallel",
              "must be a whole number from 1 to " + MOST_PARALLEL + ", got " + parallel));
    }
    if (!problems.isEmpty()) {
      throw new InvalidSpecException(problems);
    }
    return new SweepSpec(
        (ObjectNode) sweep.get("experiment"), grid, given ? parallel.intValue() : USUAL_PARALLEL);
  }

  private static Map<String, List<JsonNode>> grid(@Nullable JsonNode node, List<Problem> problems) {
    Map<String, List<JsonNode>> grid = new LinkedHashMap<>();
    if (!(node instanceof ObjectNode object) || object.isEmpty()) {
      problems.add(
          new Problem(
              "grid",
              "needs at least one path with its values, for example {\"seeds\": [[1], [2]]}"));
      return grid;
    }
    long points = 1;
    for (Map.Entry<String, JsonNode> axis : object.properties()) {
      String at = "grid." + axis.getKey();
      if (!SpecPath.isPath(axis.getKey())) {
        problems.add(new Problem("grid", "'" + axis.getKey() + "' is no path such as seeds"));
      }
      if (!axis.getValue().isArray() || axis.getValue().isEmpty()) {
        problems.add(
            new Problem(at, "must be a list of at least one value, got " + axis.getValue()));
        continue;
      }
      Set<JsonNode> values = new LinkedHashSet<>();
      for (JsonNode value : axis.getValue()) {
        if (!values.add(value)) {
          problems.add(new Problem(at, value + " stands there twice"));
        }
      }
      grid.put(axis.getKey(), List.copyOf(values));
      points = Math.min(points * values.size(), Integer.MAX_VALUE);
    }
    if (points > MOST_POINTS) {
      problems.add(
          new Problem(
              "grid", "has more than " + MOST_POINTS + " points; make several sweeps of it"));
    }
    return grid;
  }

  private static boolean within(int value, int low, int high) {
    return low <= value && value <= high;
  }

  /** How many points there are. */
  public int points() {
    return grid.values().stream().mapToInt(List::size).reduce(1, Math::multiplyExact);
  }

  /** The values of a point, counted from 0, by path. */
  public Map<String, JsonNode> values(int point) {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    int above = points();
    int rest = point;
    for (Map.Entry<String, List<JsonNode>> axis : grid.entrySet()) {
      above /= axis.getValue().size();
      values.put(axis.getKey(), axis.getValue().get(rest / above));
      rest %= above;
    }
    return values;
  }

  /** The spec of a point, counted from 0. */
  public ObjectNode document(int point) {
    ObjectNode document = experiment.deepCopy();
    values(point).forEach((path, value) -> SpecPath.set(document, path, value.deepCopy()));
    return document;
  }

  /** What people call a point: its values. */
  public String label(int point) {
    String label =
        values(point).entrySet().stream()
            .map(v -> v.getKey() + "=" + v.getValue())
            .collect(Collectors.joining(", "));
    return label.length() <= LABEL_LENGTH ? label : label.substring(0, LABEL_LENGTH - 1) + "…";
  }
}
