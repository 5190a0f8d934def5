package dev.inkling.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Every name that a part of a spec says leads to another part, and no way leads back. */
final class ReferenceChecks {
  private final ExperimentSpec spec;
  private final List<Problem> problems = new ArrayList<>();

  /**
   * Where no circle begins: otherwise each way there would be followed, twice as many per model.
   */
  private final Set<String> straight = new HashSet<>();

  private ReferenceChecks(ExperimentSpec spec) {
    this.spec = spec;
  }

  static List<Problem> problems(ExperimentSpec spec) {
    ReferenceChecks checks = new ReferenceChecks(spec);
    checks.names();
    // Circles are only looked for where every name leads somewhere.
    if (checks.problems.isEmpty()) {
      spec.models().keySet().forEach(name -> checks.circle("models", name, new LinkedHashSet<>()));
    }
    return checks.problems;
  }

  private void names() {
    spec.models()
        .forEach(
            (name, model) -> {
              String path = "models." + name;
              model.madeFrom().ifPresent(b -> refer(path + ".base", b, "model", spec.models()));
              model
                  .madeWith()
                  .ifPresent(d -> refer(path + ".dataset", d, "dataset", spec.datasets()));
            });
    spec.datasets()
        .forEach(
            (name, dataset) -> {
              String path = "datasets." + name;
              dataset.teacher().ifPresent(t -> refer(path + ".teacher", t, "model", spec.models()));
              dataset.filters().stream()
                  .flatMap(f -> f.judgedBy().stream())
                  .forEach(j -> refer(path + ".filters", j, "model", spec.models()));
            });
    spec.conditions()
        .forEach(
            (name, condition) -> {
              refer("conditions." + name + ".student", condition.student(), "model", spec.models());
              condition
                  .dataset()
                  .ifPresent(
                      d -> refer("conditions." + name + ".dataset", d, "dataset", spec.datasets()));
            });
    spec.evaluations()
        .forEach(
            (name, evaluation) -> {
              String path = "evaluations." + name;
              switch (evaluation) {
                case EvaluationSpec.OfNetworks e ->
                    refer(path + ".dataset", e.dataset(), "dataset", spec.datasets());
                case EvaluationSpec.OfText e ->
                    e.judgedBy().ifPresent(j -> refer(path + ".judge", j, "model", spec.models()));
              }
            });
    for (int i = 0; i < spec.comparisons().size(); i++) {
      Comparison comparison = spec.comparisons().get(i);
      refer("comparisons[" + i + "].a", comparison.a(), "condition", spec.conditions());
      refer("comparisons[" + i + "].b", comparison.b(), "condition", spec.conditions());
      if (comparison.a().equals(comparison.b())) {
        note("comparisons[" + i + "]", "compares '" + comparison.a() + "' with itself");
      }
    }
  }

  private void refer(String path, String name, String kind, Map<String, ?> known) {
    if (!known.containsKey(name)) {
      note(
          path, "there is no " + kind + " '" + name + "'" + Suggestion.among(name, known.keySet()));
    }
  }

  /** Follows base, dataset and teacher from a model back to where it came from. */
  private void circle(String kind, String name, Set<String> seen) {
    String here = kind + "." + name;
    if (straight.contains(here)) {
      return;
    }
    if (!seen.add(here)) {
      note(here, "goes round in a circle: " + String.join(" -> ", seen) + " -> " + here);
      return;
    }
    int before = problems.size();
    follow(kind, name, seen);
    if (problems.size() == before) {
      straight.add(here);
    }
  }

  private void follow(String kind, String name, Set<String> seen) {
    if (kind.equals("models")) {
      ModelSpec model = spec.models().get(name);
      model.madeFrom().ifPresent(b -> circle("models", b, new LinkedHashSet<>(seen)));
      model.madeWith().ifPresent(d -> circle("datasets", d, new LinkedHashSet<>(seen)));
    } else {
      DatasetSpec dataset = spec.datasets().get(name);
      Stream.concat(
              dataset.teacher().stream(),
              dataset.filters().stream().flatMap(f -> f.judgedBy().stream()))
          .forEach(m -> circle("models", m, new LinkedHashSet<>(seen)));
    }
  }

  private void note(String path, String message) {
    problems.add(new Problem(path, message));
  }
}
