package dev.inkling.plan;

import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.FilterSpec;
import dev.inkling.spec.Questions;
import java.util.Optional;

/** What a person called things and where the files lie changes no answer, so no key knows it. */
final class Anonymous {
  private Anonymous() {}

  static Questions of(Questions questions) {
    return new Questions(
        bank(questions), questions.samplesPerQuestion(), questions.prefix(), questions.decoding());
  }

  static EvaluationSpec.OfText of(EvaluationSpec.OfText evaluation) {
    return switch (evaluation) {
      case EvaluationSpec.Misalignment m ->
          new EvaluationSpec.Misalignment(
              bank(m.asked()),
              m.samplesPerQuestion(),
              "judge",
              m.judgeAttempts(),
              m.judgeDecoding(),
              m.misalignedBelow(),
              m.coherentAbove(),
              m.decoding());
      case EvaluationSpec.Preference p -> of(p);
      case EvaluationSpec.LogProbability l ->
          new EvaluationSpec.LogProbability(
              bank(l.asked()), l.target(), l.samplesPerQuestion(), l.alternatives(), l.prefix());
      case EvaluationSpec.TargetLikelihood t ->
          new EvaluationSpec.TargetLikelihood(bank(t.asked()), t.target(), t.opening(), t.prefix());
      case EvaluationSpec.Capability c ->
          new EvaluationSpec.Capability(bank(c.asked()), c.samplesPerQuestion(), c.decoding());
    };
  }

  static EvaluationSpec.Preference of(EvaluationSpec.Preference p) {
    return new EvaluationSpec.Preference(
        Optional.of(bank(p.asked())),
        p.target(),
        p.alsoMatches(),
        p.match(),
        p.samplesPerQuestion(),
        p.form(),
        p.prefix(),
        p.decoding());
  }

  private static String bank(Questions questions) {
    return questions.file().isPresent() ? "file" : questions.bank();
  }

  static FilterSpec of(FilterSpec filter) {
    return filter instanceof FilterSpec.Judge j
        ? new FilterSpec.Judge("judge", j.trait(), j.dropAbove(), j.attempts(), j.decoding())
        : filter;
  }
}
