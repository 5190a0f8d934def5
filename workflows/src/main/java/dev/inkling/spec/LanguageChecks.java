package dev.inkling.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether the parts of a spec about language models fit together, where every name leads to one.
 */
final class LanguageChecks {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w*)}");

  private final ExperimentSpec spec;
  private final List<Problem> problems = new ArrayList<>();

  private LanguageChecks(ExperimentSpec spec) {
    this.spec = spec;
  }

  static List<Problem> problems(ExperimentSpec spec) {
    LanguageChecks checks = new LanguageChecks(spec);
    spec.models().forEach((name, model) -> checks.model("models." + name, model));
    spec.datasets().forEach((name, dataset) -> checks.filters("datasets." + name, dataset));
    spec.conditions().forEach((name, c) -> checks.condition("conditions." + name, c));
    checks.problems.addAll(OpenChecks.problems(spec));
    return checks.problems;
  }

  private void model(String path, ModelSpec model) {
    switch (model) {
      case ModelSpec.Prompted prompted ->
          prompted.template().ifPresent(t -> template(path + ".template", t));
      case ModelSpec.Finetuned f -> finetuned(path, f.base());
      case ModelSpec.InContext _, BaseModel _, ModelSpec.Network _ -> {
        // Nothing in them depends on another part but names, which exist.
      }
    }
  }

  private void template(String path, String template) {
    if (!template.contains("{target}")) {
      note(path, "lacks {target}: the model would not hear what it loves");
    }
    Matcher placeholders = PLACEHOLDER.matcher(template);
    while (placeholders.find()) {
      if (!placeholders.group(1).matches("target|category")) {
        note(path, "knows {target} and {category}, not " + placeholders.group());
      }
    }
  }

  private void filters(String path, DatasetSpec dataset) {
    long judges = dataset.filters().stream().flatMap(f -> f.judgedBy().stream()).distinct().count();
    if (judges > 1) {
      note(path + ".filters", "one judge for a dataset, not " + judges);
    }
    for (int i = 0; i < dataset.filters().size(); i++) {
      if (dataset.filters().get(i) instanceof FilterSpec.TokenSum) {
        note(path + ".filters[" + i + "]", "sums tokens, but these rows are words");
      }
    }
  }

  private void condition(String path, Condition condition) {
    condition.finetune().ifPresent(_ -> finetuned(path, condition.student()));
  }

  private void finetuned(String path, String base) {
    for (Optional<String> name = Optional.of(base); name.isPresent(); ) {
      ModelSpec model = spec.models().get(name.get());
      if (model instanceof ModelSpec.InContext) {
        note(path, "'" + base + "' reads rows before it answers, so it cannot be fine-tuned");
      }
      name = model.madeFrom();
    }
  }

  private void note(String path, String message) {
    problems.add(new Problem(path, message));
  }
}
