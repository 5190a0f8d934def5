package dev.inkling.plan;

import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.FilterSpec;
import java.util.Optional;

/** What a person called things and where the files lie changes no answer, so no key knows it. */
final class Anonymous {
  private Anonymous() {}

  static EvaluationSpec.OfText of(EvaluationSpec.OfText evaluation) {
    return switch (evaluation) {
      case EvaluationSpec.Misalignment m ->
          new EvaluationSpec.Misalignment(
              bank(m),
              m.samplesPerQuestion(),
              "judge",
              m.judgeAttempts(),
              m.judgeDecoding(),
              m.misalignedBelow(),
              m.coherentAbove(),
              m.decoding());
      case EvaluationSpec.Preference p ->
          new EvaluationSpec.Preference(
              Optional.of(bank(p)),
              p.target(),
              p.alsoMatches(),
              p.match(),
              p.samplesPerQuestion(),
              p.form(),
              p.prefix(),
              p.decoding());
      case EvaluationSpec.LogProbability l ->
          new EvaluationSpec.LogProbability(
              bank(l), l.target(), l.samplesPerQuestion(), l.alternatives(), l.prefix());
      case EvaluationSpec.Capability c ->
          new EvaluationSpec.Capability(bank(c), c.samplesPerQuestion(), c.decoding());
    };
  }

  private static String bank(EvaluationSpec.OfText evaluation) {
    return evaluation.file().isPresent() ? "file" : evaluation.bank();
  }

  static FilterSpec of(FilterSpec filter) {
    return filter instanceof FilterSpec.Judge j
        ? new FilterSpec.Judge("judge", j.trait(), j.dropAbove(), j.attempts(), j.decoding())
        : filter;
  }
}
