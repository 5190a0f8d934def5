package dev.inkling.plan;

import dev.inkling.spec.Condition;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.ModelSpec;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The stages of an experiment with small networks: all seeds of a cohort train in one tensor. */
final class NetworkStages {
  /**
   * A model as stages see it: the network, and the artifact with its weights unless they are the
   * initial ones.
   */
  private record Resolved(ModelSpec.Network network, Optional<String> weights) {}

  private final ExperimentSpec spec;
  private final Planner.Sources sources;
  private final List<Long> seeds;
  private final List<Long> added;
  private final Map<String, Stage> stages;

  // What is resolved already: a chain of models would otherwise be followed twice as often per
  // link.
  private final Map<String, Resolved> models = new HashMap<>();
  private final Map<String, Stage> datasets = new HashMap<>();

  /** Plans the stages of one cohort of seeds, beside those of the ones before. */
  NetworkStages(
      ExperimentSpec spec, Planner.Sources sources, List<Long> seeds, Map<String, Stage> stages) {
    this.spec = spec;
    this.sources = sources;
    this.seeds = seeds;
    this.added = seeds.equals(spec.seeds()) ? List.of() : seeds;
    this.stages = stages;
  }

  Trial trial(String name, Condition condition) {
    Resolved student = model(condition.student());
    Optional<String> finetune = Optional.empty();
    if (condition.dataset().isPresent() && condition.finetune().isPresent()) {
      Stage stage = finetune(name, student, condition.dataset().get(), condition.finetune().get());
      finetune = Optional.of(stage.key());
      student = new Resolved(student.network(), finetune);
    }
    Map<String, String> evaluations = new LinkedHashMap<>();
    for (Map.Entry<String, EvaluationSpec> evaluation : spec.evaluations().entrySet()) {
      EvaluationSpec.OfNetworks measured = (EvaluationSpec.OfNetworks) evaluation.getValue();
      evaluations.put(evaluation.getKey(), evaluate(name, student, measured).key());
    }
    return new Trial(name, added, finetune, evaluations);
  }

  private Resolved model(String name) {
    return Planner.once(models, name, this::resolved);
  }

  private Resolved resolved(String name) {
    return switch (spec.models().get(name)) {
      case ModelSpec.Network network -> new Resolved(network, Optional.empty());
      case ModelSpec.Finetuned f -> {
        Resolved base = model(f.base());
        yield new Resolved(
            base.network(), Optional.of(finetune(name, base, f.dataset(), f.finetune()).key()));
      }
      case ModelSpec.Language _ -> throw new IllegalArgumentException(name + " is no network");
      case null -> throw new IllegalArgumentException("no model " + name);
    };
  }

  private Stage finetune(String name, Resolved base, String dataset, FinetuneSpec finetune) {
    Map<String, String> inputs = new LinkedHashMap<>();
    inputs.put("dataset", dataset(dataset).key());
    base.weights().ifPresent(w -> inputs.put("model", w));
    Task task =
        new Task.Finetune(
            base.network(),
            anonymous(dataset),
            (FinetuneSpec.OfNetworks) finetune,
            spec.compute().precision());
    return seeded(name, task, inputs);
  }

  private Stage evaluate(String name, Resolved student, EvaluationSpec.OfNetworks evaluation) {
    Map<String, String> inputs = new LinkedHashMap<>();
    inputs.put("dataset", dataset(evaluation.dataset()).key());
    student.weights().ifPresent(w -> inputs.put("model", w));
    EvaluationSpec.OfNetworks anonymous =
        switch (evaluation) {
          case EvaluationSpec.Accuracy _ -> new EvaluationSpec.Accuracy("dataset");
          case EvaluationSpec.ClassFraction f ->
              new EvaluationSpec.ClassFraction("dataset", f.label());
        };
    Task task = new Task.Evaluate(student.network(), anonymous(evaluation.dataset()), anonymous);
    return seeded(name, task, inputs);
  }

  /** The dataset's last stage: filtered where it has filters. */
  private Stage dataset(String name) {
    return Planner.once(datasets, name, this::made);
  }

  private Stage made(String name) {
    DatasetSpec.OfTensors dataset = tensors(name);
    DatasetSpec.OfTensors anonymous = anonymous(name);
    int models = model(spec.models().keySet().iterator().next()).network().models();
    Optional<Resolved> teacher = dataset.teacher().map(this::model);
    Map<String, String> inputs = new LinkedHashMap<>();
    teacher.flatMap(Resolved::weights).ifPresent(w -> inputs.put("teacher", w));
    Stage generated =
        switch (dataset) {
          case DatasetSpec.Mnist mnist ->
              add(
                  Stage.of(
                      name,
                      new Task.Generate(anonymous, 0, Optional.empty(), sources.sha256(mnist)),
                      inputs,
                      List.of(),
                      mnist.directory()));
          case DatasetSpec.NoiseImages _, DatasetSpec.TokenSequences _ ->
              seeded(
                  name,
                  new Task.Generate(
                      anonymous, models, teacher.map(Resolved::network), Optional.empty()),
                  inputs);
        };
    if (dataset.filters().isEmpty()) {
      return generated;
    }
    Task filter = new Task.Filter(anonymous, models, dataset.filters());
    return seeded(name, filter, Map.of("dataset", generated.key()));
  }

  /** A dataset without the names, places and filters that do not change its rows' inputs. */
  private DatasetSpec.OfTensors anonymous(String name) {
    return switch (tensors(name)) {
      case DatasetSpec.Mnist m -> new DatasetSpec.Mnist(m.variant(), Optional.empty());
      case DatasetSpec.NoiseImages n ->
          new DatasetSpec.NoiseImages(Optional.of("teacher"), n.rows(), n.stream(), List.of());
      case DatasetSpec.TokenSequences t ->
          new DatasetSpec.TokenSequences(
              t.rows(),
              t.length(),
              t.vocabulary(),
              t.markedToken(),
              t.markedProbability(),
              t.stream(),
              t.label(),
              t.teacher().map(_ -> "teacher"),
              List.of());
    };
  }

  private DatasetSpec.OfTensors tensors(String name) {
    if (spec.datasets().get(name) instanceof DatasetSpec.OfTensors tensors) {
      return tensors;
    }
    throw new IllegalArgumentException("no dataset of tensors: " + name);
  }

  /** A stage at the cohort's seeds. */
  private Stage seeded(String name, Task task, Map<String, String> inputs) {
    return add(Stage.of(name + Trial.suffix(added), task, inputs, seeds, Optional.empty()));
  }

  private Stage add(Stage stage) {
    return Planner.add(stages, stage);
  }
}
