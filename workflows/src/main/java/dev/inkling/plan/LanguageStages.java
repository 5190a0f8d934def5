package dev.inkling.plan;

import dev.inkling.spec.BaseModel;
import dev.inkling.spec.Condition;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.FilterSpec;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.HostedModel;
import dev.inkling.spec.ModelSpec;
import dev.inkling.spec.OpenModel;
import dev.inkling.spec.Questions;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The stages of an experiment with language models, at one seed. */
final class LanguageStages {
  /**
   * A model as stages see it.
   *
   * @param context the key of the dataset whose rows it has read
   * @param base how it is reached
   * @param whole the key of the stage that trained every weight, on top of which adapters may stand
   */
  private record Resolved(
      ModelReference reference, Optional<String> context, BaseModel base, Optional<String> whole) {
    /** A model that nobody has fine-tuned. */
    Resolved(ModelReference reference, BaseModel base) {
      this(reference, Optional.empty(), base, Optional.empty());
    }

    /** The same weights, asked otherwise. */
    Resolved as(ModelReference other, Optional<String> read) {
      return new Resolved(other, read, base, whole);
    }

    /** What a stage needs that asks it in a role. */
    void asked(String role, Map<String, String> inputs, Map<String, BaseModel> models) {
      models.put(role, base);
      reference.finetuned().ifPresent(key -> inputs.put(role, key));
      whole
          .filter(key -> !reference.finetuned().equals(Optional.of(key)))
          .ifPresent(key -> inputs.put(Stage.baseOf(role), key));
    }
  }

  private final ExperimentSpec spec;
  private final Planner.Sources sources;
  private final long seed;
  private final Map<String, Stage> stages;

  // What is resolved already: a chain of models would otherwise be followed twice as often per
  // link.
  private final Map<String, Resolved> models = new HashMap<>();
  private final Map<String, Stage> datasets = new HashMap<>();

  LanguageStages(
      ExperimentSpec spec, Planner.Sources sources, long seed, Map<String, Stage> stages) {
    this.spec = spec;
    this.sources = sources;
    this.seed = seed;
    this.stages = stages;
  }

  Trial trial(String name, Condition condition) {
    Resolved base = model(condition.student());
    Optional<Resolved> finetuned =
        condition.finetune().map(f -> finetuned(name, base, condition.dataset().get(), f));
    Resolved student = finetuned.orElse(base);
    Map<String, String> evaluations = new LinkedHashMap<>();
    spec.evaluations()
        .forEach(
            (metric, e) ->
                evaluations.put(
                    metric, evaluated(name, metric, student, (EvaluationSpec.OfText) e).key()));
    return new Trial(
        name, others(), finetuned.flatMap(f -> f.reference().finetuned()), evaluations);
  }

  /** This seed, where it is one of several: what people call a trial then ends with it. */
  private List<Long> others() {
    return spec.seeds().equals(List.of(seed)) ? List.of() : List.of(seed);
  }

  private Resolved model(String name) {
    return Planner.once(models, name, this::resolved);
  }

  private Resolved resolved(String name) {
    return switch (spec.models().get(name)) {
      case HostedModel hosted ->
          new Resolved(ModelReference.of(hosted, sources.server(hosted)), hosted);
      case OpenModel open -> {
        Planner.Sources.Held held = sources.held(open);
        yield new Resolved(
            ModelReference.of(
                open,
                new ModelReference.Weights(
                    held.version(), held.adapter(), spec.compute().precision())),
            held.pinned());
      }
      case ModelSpec.Prompted p -> {
        Resolved base = model(p.base());
        yield base.as(base.reference().told(sources.told(p)), base.context());
      }
      case ModelSpec.InContext c -> {
        Resolved base = model(c.base());
        yield base.as(base.reference().reading(c.rows()), Optional.of(dataset(c.dataset()).key()));
      }
      case ModelSpec.Finetuned f -> finetuned(name, model(f.base()), f.dataset(), f.finetune());
      case ModelSpec.Network _ ->
          throw new IllegalArgumentException(name + " is no language model");
      case null -> throw new IllegalArgumentException("no model " + name);
    };
  }

  private Resolved finetuned(String name, Resolved base, String dataset, FinetuneSpec how) {
    Map<String, String> inputs = new LinkedHashMap<>();
    Map<String, BaseModel> asked = new LinkedHashMap<>();
    inputs.put("dataset", dataset(dataset).key());
    base.asked("base", inputs, asked);
    Task task =
        switch (how) {
          case FinetuneSpec.Hosted hosted -> new Task.FinetuneHosted(base.reference(), hosted);
          case FinetuneSpec.OfWeights weights ->
              new Task.FinetuneWeights(base.reference(), weights);
          case FinetuneSpec.OfNetworks _ ->
              throw new IllegalArgumentException(name + " is fine-tuned like a small network");
        };
    Stage stage = add(name, task, inputs, Optional.empty(), asked);
    return new Resolved(
        base.reference().finetuned(stage.key()),
        base.context(),
        base.base(),
        how instanceof FinetuneSpec.Full ? Optional.of(stage.key()) : base.whole());
  }

  private Stage evaluated(
      String condition, String metric, Resolved student, EvaluationSpec.OfText evaluation) {
    String name = condition + " · " + metric;
    return evaluation instanceof EvaluationSpec.Preference preference
            && preference.asksWithoutTarget()
        ? score(name, preference, answers(condition, student, preference.asked()))
        : ask(name, student, evaluation);
  }

  /** The answers to questions, for all metrics that ask the same. */
  private Stage answers(String condition, Resolved student, Questions questions) {
    Map<String, BaseModel> asked = new LinkedHashMap<>();
    Map<String, String> inputs = new LinkedHashMap<>();
    student.asked("student", inputs, asked);
    student.context().ifPresent(c -> inputs.put("context", c));
    Task task =
        new Task.Answers(
            student.reference(), Anonymous.of(questions), questions.file().map(sources::sha256));
    return add(condition + " · " + called(questions), task, inputs, questions.file(), asked);
  }

  /** Which answers they are, where the experiment has metrics with other questions too. */
  private String called(Questions questions) {
    List<Questions> distinct =
        spec.evaluations().values().stream()
            .filter(EvaluationSpec.Preference.class::isInstance)
            .map(EvaluationSpec.Preference.class::cast)
            .filter(EvaluationSpec.Preference::asksWithoutTarget)
            .map(EvaluationSpec.OfText::asked)
            .distinct()
            .toList();
    int number = distinct.indexOf(questions) + 1;
    return number == 1 ? "answers" : "answers " + number;
  }

  private Stage score(String name, EvaluationSpec.Preference evaluation, Stage answers) {
    Task task = new Task.Score(Anonymous.of(evaluation), evaluation.file().map(sources::sha256));
    return add(name, task, Map.of("answers", answers.key()), evaluation.file(), Map.of());
  }

  private Stage ask(String name, Resolved student, EvaluationSpec.OfText evaluation) {
    Optional<Resolved> judge = evaluation.judgedBy().map(this::model);
    Map<String, BaseModel> asked = new LinkedHashMap<>();
    Map<String, String> inputs = new LinkedHashMap<>();
    student.asked("student", inputs, asked);
    judge.ifPresent(j -> j.asked("judge", inputs, asked));
    student.context().ifPresent(c -> inputs.put("context", c));
    Task task =
        new Task.Ask(
            student.reference(),
            Anonymous.of(evaluation),
            judge.map(Resolved::reference),
            evaluation.file().map(sources::sha256));
    return add(name, task, inputs, evaluation.file(), asked);
  }

  /** The dataset's last stage: filtered where it has filters. */
  private Stage dataset(String name) {
    return Planner.once(datasets, name, this::made);
  }

  private Stage made(String name) {
    if (!(spec.datasets().get(name) instanceof DatasetSpec.OfRows dataset)) {
      throw new IllegalArgumentException("no dataset of rows: " + name);
    }
    Optional<Resolved> teacher = dataset.teacher().map(this::model);
    Map<String, String> inputs = new LinkedHashMap<>();
    teacher.flatMap(Resolved::context).ifPresent(c -> inputs.put("context", c));
    Map<String, BaseModel> asked = new LinkedHashMap<>();
    teacher.ifPresent(t -> t.asked("teacher", inputs, asked));
    Task task =
        new Task.Sample(
            dataset.anonymous(),
            teacher.map(Resolved::reference),
            dataset.place().map(sources::sha256));
    Stage sampled = add(name, task, inputs, dataset.place(), asked);
    return dataset.filters().isEmpty() ? sampled : filtered(name, sampled, dataset.filters());
  }

  private Stage filtered(String name, Stage sampled, List<FilterSpec> filters) {
    Optional<Resolved> judge =
        filters.stream().flatMap(f -> f.judgedBy().stream()).findFirst().map(this::model);
    Map<String, BaseModel> asked = new LinkedHashMap<>();
    Map<String, String> inputs = new LinkedHashMap<>();
    inputs.put("dataset", sampled.key());
    judge.ifPresent(j -> j.asked("judge", inputs, asked));
    Task task =
        new Task.FilterRows(
            filters.stream().map(Anonymous::of).toList(), judge.map(Resolved::reference));
    return add(name, task, inputs, Optional.empty(), asked);
  }

  private Stage add(
      String name,
      Task task,
      Map<String, String> inputs,
      Optional<String> file,
      Map<String, BaseModel> asked) {
    String called = name + Trial.suffix(others());
    return Planner.add(stages, Stage.of(called, task, inputs, List.of(seed), file, asked));
  }
}
