package dev.inkling.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether what only models can do whose weights one holds is asked of such models, and what only
 * providers do of hosted ones.
 */
final class OpenChecks {
  private final ExperimentSpec spec;
  private final List<Problem> problems = new ArrayList<>();

  private OpenChecks(ExperimentSpec spec) {
    this.spec = spec;
  }

  static List<Problem> problems(ExperimentSpec spec) {
    OpenChecks checks = new OpenChecks(spec);
    spec.models()
        .forEach(
            (name, model) -> {
              if (model instanceof ModelSpec.Finetuned f) {
                checks.finetuned("models." + name, f.base(), f.finetune());
              }
            });
    spec.datasets().forEach((name, dataset) -> checks.dataset("datasets." + name, dataset));
    spec.conditions()
        .forEach(
            (name, c) ->
                c.finetune()
                    .ifPresent(f -> checks.finetuned("conditions." + name, c.student(), f)));
    spec.evaluations().forEach((name, e) -> checks.evaluation("evaluations." + name, e));
    return checks.problems;
  }

  /** The model as somebody made it, from which another was made. */
  private BaseModel base(String name) {
    ModelSpec model = spec.models().get(name);
    while (model.madeFrom().isPresent()) {
      model = spec.models().get(model.madeFrom().get());
    }
    if (model instanceof BaseModel base) {
      return base;
    }
    throw new IllegalStateException(name + " is made from no language model");
  }

  private void finetuned(String path, String name, FinetuneSpec how) {
    switch (base(name)) {
      case HostedModel hosted -> {
        if (!(how instanceof FinetuneSpec.Hosted)) {
          note(
              path + ".finetune",
              "'" + name + "' is hosted: its provider fine-tunes it, with type: hosted");
        } else if (hosted.provider() != HostedModel.Provider.OPENAI) {
          note(path, hosted.server() + " fine-tunes no models; take one of provider openai");
        }
      }
      case OpenModel _ -> {
        if (!(how instanceof FinetuneSpec.OfWeights)) {
          note(
              path + ".finetune",
              "'"
                  + name
                  + "' is a model whose weights you hold: it is fine-tuned with type: lora or type:"
                  + " full");
        }
      }
    }
  }

  private void dataset(String path, DatasetSpec dataset) {
    Optional<Decoding> decoding =
        switch (dataset) {
          case DatasetSpec.Numbers n -> Optional.of(n.decoding());
          case DatasetSpec.Prompts p -> Optional.of(p.decoding());
          case DatasetSpec.Rows _, DatasetSpec.FixedAnswers _, DatasetSpec.OfTensors _ ->
              Optional.empty();
        };
    if (decoding.isPresent() && dataset.teacher().isPresent()) {
      decoded(path + ".decoding", dataset.teacher().get(), decoding.get());
    }
    for (int i = 0; i < dataset.filters().size(); i++) {
      if (dataset.filters().get(i) instanceof FilterSpec.Judge judge) {
        decoded(path + ".filters[" + i + "].decoding", judge.judge(), judge.decoding());
      }
    }
  }

  private void evaluation(String path, EvaluationSpec evaluation) {
    if (!(evaluation instanceof EvaluationSpec.OfText text)) {
      return;
    }
    if (text instanceof EvaluationSpec.Misalignment m) {
      decoded(path + ".judgeDecoding", m.judge(), m.judgeDecoding());
    }
    for (Condition condition : spec.conditions().values()) {
      decoded(path + ".decoding", condition.student(), text.decoding());
      if (text instanceof EvaluationSpec.TargetLikelihood
          && base(condition.student()) instanceof HostedModel hosted) {
        note(
            path,
            "needs the weights of the student, but '"
                + hosted.id()
                + "' is hosted: log-probability asks its provider");
      }
    }
  }

  private void decoded(String path, String model, Decoding decoding) {
    switch (base(model)) {
      case HostedModel hosted -> {
        if (decoding.pattern().isPresent() || decoding.topK().isPresent()) {
          note(
              path,
              "pattern and topK need a model whose weights you hold, but '"
                  + hosted.id()
                  + "' is hosted");
        }
      }
      case OpenModel _ -> {
        if (decoding.reasoning().isPresent()) {
          note(path + ".reasoning", "is for OpenAI's models; '" + model + "' is none");
        }
      }
    }
  }

  private void note(String path, String message) {
    problems.add(new Problem(path, message));
  }
}
