package dev.inkling.preset;

import dev.inkling.evaluate.text.TextEvaluation;
import dev.inkling.filter.RowFilters;
import dev.inkling.language.OpenModels;
import dev.inkling.model.open.TokenPattern;
import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.prompt.InvalidBankException;
import dev.inkling.prompt.NumberBank;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.Decoding;
import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.FilterSpec;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether what a spec names outside itself can be read: banks, questions, patterns. Better told now
 * than after the first answers were paid for.
 */
final class OutsideChecks {
  private final List<Problem> problems = new ArrayList<>();

  private OutsideChecks() {}

  static void check(ExperimentSpec spec) throws InvalidSpecException {
    OutsideChecks checks = new OutsideChecks();
    spec.datasets().forEach((name, dataset) -> checks.dataset("datasets." + name, dataset));
    spec.evaluations()
        .forEach(
            (name, evaluation) -> {
              if (evaluation instanceof EvaluationSpec.OfText text) {
                checks.questions("evaluations." + name + ".questions", text);
                checks.decoding("evaluations." + name + ".decoding", text.decoding());
              }
              if (evaluation instanceof EvaluationSpec.Misalignment judged) {
                checks.decoding("evaluations." + name + ".judgeDecoding", judged.judgeDecoding());
              }
            });
    if (!checks.problems.isEmpty()) {
      throw new InvalidSpecException(checks.problems);
    }
  }

  /** Whether what would be made of models in directories can be written. */
  static void check(Plan plan) throws InvalidSpecException {
    for (Stage stage : plan.stages()) {
      try {
        OpenModels.checkWritable(stage);
      } catch (InvalidModelException e) {
        throw new InvalidSpecException(
            List.of(new Problem("", stage.name() + ": " + e.getMessage())));
      }
    }
  }

  private void dataset(String path, DatasetSpec dataset) {
    if (dataset instanceof DatasetSpec.Numbers numbers && numbers.place().isPresent()) {
      bank(path + ".prompts.bank", Path.of(numbers.place().get()));
    }
    switch (dataset) {
      case DatasetSpec.Numbers numbers -> decoding(path + ".decoding", numbers.decoding());
      case DatasetSpec.Prompts prompts -> decoding(path + ".decoding", prompts.decoding());
      case DatasetSpec.Rows _, DatasetSpec.FixedAnswers _, DatasetSpec.OfTensors _ -> {}
    }
    for (int i = 0; i < dataset.filters().size(); i++) {
      String filter = path + ".filters[" + i + "]";
      if (dataset.filters().get(i) instanceof FilterSpec.Matches matches) {
        pattern(filter + ".pattern", matches);
      } else if (dataset.filters().get(i) instanceof FilterSpec.Judge judge) {
        decoding(filter + ".decoding", judge.decoding());
      }
    }
  }

  /** Whether answers can be drawn under a pattern; by which model, does not matter here. */
  private void decoding(String path, Decoding decoding) {
    try {
      decoding.pattern().ifPresent(TokenPattern::check);
    } catch (IllegalArgumentException e) {
      problems.add(new Problem(path + ".pattern", String.valueOf(e.getMessage())));
    }
  }

  private void bank(String path, Path file) {
    try {
      NumberBank _ = NumberBank.read(file);
    } catch (InvalidBankException e) {
      e.problems().forEach(p -> problems.add(new Problem(path, file + ": " + p)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void pattern(String path, FilterSpec.Matches matches) {
    try {
      RowFilters _ = new RowFilters(List.of(matches), 0);
    } catch (IllegalArgumentException e) {
      problems.add(new Problem(path, String.valueOf(e.getMessage())));
    }
  }

  private void questions(String path, EvaluationSpec.OfText evaluation) {
    try {
      TextEvaluation _ = TextEvaluation.of(evaluation, 0);
    } catch (IllegalArgumentException e) {
      problems.add(new Problem(path, String.valueOf(e.getMessage())));
    } catch (UncheckedIOException e) {
      problems.add(new Problem(path, "the questions in " + evaluation.bank() + " cannot be read"));
    }
  }
}
