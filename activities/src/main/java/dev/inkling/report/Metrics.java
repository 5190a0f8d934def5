package dev.inkling.report;

import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.ExperimentSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Metrics that look at the same answers, each for a target of its own; often it is one alone. */
record Metrics(List<String> names) {
  Metrics {
    names = List.copyOf(names);
  }

  /** All metrics of an experiment, in its order. */
  static List<Metrics> of(ExperimentSpec spec) {
    Map<Object, List<String>> groups = new LinkedHashMap<>();
    spec.evaluations()
        .forEach(
            (name, evaluation) -> {
              Object asked =
                  evaluation instanceof EvaluationSpec.Preference p && p.asksWithoutTarget()
                      ? p.asked()
                      : name;
              groups.computeIfAbsent(asked, _ -> new ArrayList<>()).add(name);
            });
    return groups.values().stream().map(Metrics::new).toList();
  }

  String first() {
    return names.getFirst();
  }

  String title() {
    return String.join(", ", names);
  }
}
