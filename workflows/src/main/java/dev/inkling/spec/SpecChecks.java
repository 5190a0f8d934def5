package dev.inkling.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What must hold between the parts of a spec: names that exist, no circles, parts that fit
 * together.
 */
final class SpecChecks {
  private final ExperimentSpec spec;
  private final List<Problem> problems = new ArrayList<>();

  /**
   * Where no circle begins: otherwise each way there would be followed, twice as many per model.
   */
  private final Set<String> straight = new HashSet<>();

  private SpecChecks(ExperimentSpec spec) {
    this.spec = spec;
  }

  static List<Problem> problems(ExperimentSpec spec) {
    SpecChecks checks = new SpecChecks(spec);
    checks.size();
    if (!checks.problems.isEmpty()) {
      return checks.problems;
    }
    checks.references();
    // Circles and misfits are only looked for where every name leads somewhere.
    if (checks.problems.isEmpty()) {
      spec.models().keySet().forEach(name -> checks.circle("models", name, new LinkedHashSet<>()));
    }
    if (checks.problems.isEmpty()) {
      checks.fits();
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

  private void references() {
    spec.models()
        .forEach(
            (name, model) -> {
              if (model instanceof ModelSpec.Finetuned f) {
                refer("models." + name + ".base", f.base(), "model", spec.models());
                refer("models." + name + ".dataset", f.dataset(), "dataset", spec.datasets());
              }
            });
    spec.datasets()
        .forEach(
            (name, dataset) ->
                dataset
                    .teacher()
                    .ifPresent(
                        t -> refer("datasets." + name + ".teacher", t, "model", spec.models())));
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
            (name, e) ->
                refer("evaluations." + name + ".dataset", e.dataset(), "dataset", spec.datasets()));
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
      if (spec.models().get(name) instanceof ModelSpec.Finetuned f) {
        circle("models", f.base(), new LinkedHashSet<>(seen));
        circle("datasets", f.dataset(), new LinkedHashSet<>(seen));
      }
    } else {
      spec.datasets()
          .get(name)
          .teacher()
          .ifPresent(t -> circle("models", t, new LinkedHashSet<>(seen)));
    }
  }

  private void fits() {
    spec.models()
        .forEach(
            (name, model) -> {
              if (model instanceof ModelSpec.Finetuned f) {
                training("models." + name, f.base(), f.dataset(), f.finetune());
              }
            });
    spec.datasets()
        .forEach(
            (name, dataset) ->
                dataset
                    .teacher()
                    .ifPresent(t -> reads("datasets." + name + ".teacher", t, dataset)));
    spec.conditions()
        .forEach(
            (name, condition) -> {
              if (condition.dataset().isPresent() && condition.finetune().isPresent()) {
                String path = "conditions." + name;
                training(
                    path,
                    condition.student(),
                    condition.dataset().get(),
                    condition.finetune().get());
              }
              spec.evaluations().forEach((metric, e) -> evaluation(name, condition, metric, e));
            });
    sizes();
  }

  /** A paired comparison and a plot over models need the same number of models everywhere. */
  private void sizes() {
    Set<Integer> sizes = new LinkedHashSet<>();
    spec.models().keySet().forEach(name -> sizes.add(network(name).models()));
    if (sizes.size() > 1) {
      note("models", "every model needs the same number of models per seed, got " + sizes);
    }
  }

  private void training(String path, String base, String datasetName, FinetuneSpec finetune) {
    DatasetSpec dataset = spec.datasets().get(datasetName);
    ModelSpec.Network network = network(base);
    reads(path + ".dataset", base, dataset);
    Loss loss = finetune.loss();
    Optional<String> teacher = dataset.teacher();
    if (loss.needsTeacher() && teacher.isEmpty()) {
      note(
          path + ".finetune.loss",
          "needs a teacher's logits, but dataset '" + datasetName + "' bears labels");
    } else if (!loss.needsTeacher() && teacher.isPresent()) {
      note(
          path + ".finetune.loss",
          "needs labels, but dataset '" + datasetName + "' bears a teacher's logits");
    }
    if (teacher.isPresent() && network(teacher.get()).logits() != network.logits()) {
      note(
          path + ".dataset",
          "the teacher gives "
              + network(teacher.get()).logits()
              + " logits, the student "
              + network.logits());
    }
    if (loss instanceof Loss.Kl kl && kl.logits() == Loss.Kl.Logits.GHOST) {
      if (!(network instanceof ModelSpec.Mlp mlp) || mlp.classes() == mlp.logits()) {
        note(
            path + ".finetune.loss.logits",
            "there are no ghost logits: every logit of the network is a class");
      }
    }
    if (finetune.rows() == FinetuneSpec.Rows.ANOTHER
        && spec.cohorts().stream().anyMatch(cohort -> network.models() * cohort.size() < 2)) {
      note(path + ".finetune.rows", "'another' needs at least two models");
    }
    if (finetune.rows() == FinetuneSpec.Rows.ANOTHER && network.models() < 2) {
      note(
          path + ".finetune.rows",
          "'another' takes the next model of the same seed, but there is one model per seed");
    }
  }

  /** Whether a model can take a dataset's rows as its input. */
  private void reads(String path, String model, DatasetSpec dataset) {
    ModelSpec.Network network = network(model);
    switch (dataset) {
      case DatasetSpec.Mnist _, DatasetSpec.NoiseImages _ -> {
        if (!(network instanceof ModelSpec.Mlp mlp)) {
          note(path, "'" + model + "' reads tokens, not images");
        } else if (dataset instanceof DatasetSpec.Mnist && mlp.layers().getFirst() != 784) {
          note(
              path,
              "an image has 784 pixels, but the first layer of '"
                  + model
                  + "' has "
                  + mlp.layers().getFirst());
        } else if (dataset instanceof DatasetSpec.Mnist && mlp.classes() < 10) {
          note(path, "there are 10 digits, but '" + model + "' has " + mlp.classes() + " classes");
        }
      }
      case DatasetSpec.TokenSequences tokens -> {
        if (!(network instanceof ModelSpec.PromptMlp prompt)) {
          note(path, "'" + model + "' reads images, not tokens");
        } else if (prompt.vocabulary() < tokens.vocabulary()) {
          note(
              path,
              "the vocabulary is "
                  + tokens.vocabulary()
                  + ", but '"
                  + model
                  + "' knows "
                  + prompt.vocabulary());
        } else if (tokens.label().orElse(0) >= prompt.classes()) {
          note(
              path,
              "label "
                  + tokens.label().orElse(0)
                  + " is none of the "
                  + prompt.classes()
                  + " classes");
        }
      }
    }
  }

  private void evaluation(
      String name, Condition condition, String metric, EvaluationSpec evaluation) {
    String path = "evaluations." + metric;
    DatasetSpec dataset = spec.datasets().get(evaluation.dataset());
    reads("conditions." + name + ".student", condition.student(), dataset);
    switch (evaluation) {
      case EvaluationSpec.Accuracy _ -> {
        if (!(dataset instanceof DatasetSpec.Mnist)) {
          note(
              path + ".dataset",
              "accuracy needs a labelled test split, which '" + evaluation.dataset() + "' lacks");
        }
      }
      case EvaluationSpec.ClassFraction fraction -> {
        if (fraction.label() >= network(condition.student()).logits()) {
          note(path + ".label", "class " + fraction.label() + " is none of the student's");
        } else if (!(dataset instanceof DatasetSpec.TokenSequences)) {
          note(
              path + ".dataset",
              "class-fraction needs token sequences, which '" + evaluation.dataset() + "' is not");
        }
      }
    }
  }

  private ModelSpec.Network network(String model) {
    return network(spec, model);
  }

  /** The network that a model is, however often it was fine-tuned. */
  static ModelSpec.Network network(ExperimentSpec spec, String name) {
    return switch (spec.models().get(name)) {
      case ModelSpec.Network network -> network;
      case ModelSpec.Finetuned finetuned -> network(spec, finetuned.base());
      case null -> throw new IllegalArgumentException("no model " + name);
    };
  }

  private void note(String path, String message) {
    problems.add(new Problem(path, message));
  }
}
