package dev.inkling.spec;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the parts of a spec about networks fit together, where every name leads to one. */
final class NetworkChecks {
  private final ExperimentSpec spec;
  private final List<Problem> problems = new ArrayList<>();

  private NetworkChecks(ExperimentSpec spec) {
    this.spec = spec;
  }

  static List<Problem> problems(ExperimentSpec spec) {
    NetworkChecks checks = new NetworkChecks(spec);
    checks.fits();
    return checks.problems;
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
                    .ifPresent(
                        t ->
                            reads(
                                "datasets." + name + ".teacher",
                                t,
                                (DatasetSpec.OfTensors) dataset)));
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
              spec.evaluations()
                  .forEach(
                      (metric, e) ->
                          evaluation(name, condition, metric, (EvaluationSpec.OfNetworks) e));
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

  private void training(String path, String base, String datasetName, FinetuneSpec how) {
    if (!(how instanceof FinetuneSpec.OfNetworks finetune)) {
      note(path + ".finetune", "is about hosted models, but this experiment trains small networks");
      return;
    }
    DatasetSpec.OfTensors dataset = dataset(datasetName);
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
  private void reads(String path, String model, DatasetSpec.OfTensors dataset) {
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
      String name, Condition condition, String metric, EvaluationSpec.OfNetworks evaluation) {
    String path = "evaluations." + metric;
    DatasetSpec.OfTensors dataset = dataset(evaluation.dataset());
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

  private DatasetSpec.OfTensors dataset(String name) {
    return (DatasetSpec.OfTensors) spec.datasets().get(name);
  }

  private ModelSpec.Network network(String model) {
    return network(spec, model);
  }

  /** The network that a model is, however often it was fine-tuned. */
  private static ModelSpec.Network network(ExperimentSpec spec, String name) {
    return switch (spec.models().get(name)) {
      case ModelSpec.Network network -> network;
      case ModelSpec.Finetuned finetuned -> network(spec, finetuned.base());
      case ModelSpec.Language _ -> throw new IllegalArgumentException(name + " is no network");
      case null -> throw new IllegalArgumentException("no model " + name);
    };
  }

  private void note(String path, String message) {
    problems.add(new Problem(path, message));
  }
}
