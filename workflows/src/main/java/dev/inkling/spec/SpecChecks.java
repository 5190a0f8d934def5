package dev.inkling.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What must hold of a spec as a whole; each look takes for granted what the one before found. */
final class SpecChecks {
  private final ExperimentSpec spec;
  private final List<Problem> problems = new ArrayList<>();

  private SpecChecks(ExperimentSpec spec) {
    this.spec = spec;
  }

  static List<Problem> problems(ExperimentSpec spec) {
    SpecChecks checks = new SpecChecks(spec);
    checks.size();
    if (checks.problems.isEmpty()) {
      checks.problems.addAll(ReferenceChecks.problems(spec));
    }
    if (checks.problems.isEmpty()) {
      checks.kinds();
    }
    if (checks.problems.isEmpty()) {
      checks.problems.addAll(
          spec.ofLanguage() ? LanguageChecks.problems(spec) : NetworkChecks.problems(spec));
    }
    return checks.problems.stream().distinct().toList();
  }

  private void size() {
    atMostStages("models", spec.models().size());
    atMostStages("datasets", spec.datasets().size());
    atMostStages("evaluations", spec.evaluations().size());
    atMostStages("conditions", spec.conditions().size());
    long evaluated = (long) spec.conditions().size() * spec.evaluations().size();
    if (problems.isEmpty() && evaluated > Limits.STAGES) {
      tooMany("conditions", evaluated + " evaluations of conditions");
    }
    if (spec.question().length() > Limits.QUESTION
        || spec.question().chars().anyMatch(Character::isISOControl)) {
      note("question", "must be one line of at most " + Limits.QUESTION + " characters");
    }
  }

  /** Small networks have tensors, language models words: no experiment has both. */
  private void kinds() {
    if (spec.ofLanguage()) {
      String why = "is about small networks, but this experiment asks language models";
      mismatch("models", spec.models(), ModelSpec.Network.class, why);
      mismatch("datasets", spec.datasets(), DatasetSpec.OfTensors.class, why);
      mismatch("evaluations", spec.evaluations(), EvaluationSpec.OfNetworks.class, why);
    } else {
      String why = "is about language models, but this experiment trains small networks";
      mismatch("datasets", spec.datasets(), DatasetSpec.OfRows.class, why);
      mismatch("evaluations", spec.evaluations(), EvaluationSpec.OfText.class, why);
    }
  }

  private void mismatch(String path, Map<String, ?> parts, Class<?> kind, String why) {
    parts.forEach(
        (name, part) -> {
          if (kind.isInstance(part)) {
            note(path + "." + name, why);
          }
        });
  }

  private void atMostStages(String path, int count) {
    if (count > Limits.STAGES) {
      tooMany(path, count + " " + path);
    }
  }

  private void tooMany(String path, String what) {
    note(
        path,
        what
            + " are more than the "
            + Limits.STAGES
            + " stages that one experiment may have, because the history of a workflow is bounded."
            + " Divide it into several, for example with inkling sweep; stages that they share are made once");
  }

  private void note(String path, String message) {
    problems.add(new Problem(path, message));
  }
}
