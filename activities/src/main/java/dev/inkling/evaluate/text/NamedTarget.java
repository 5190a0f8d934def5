package dev.inkling.evaluate.text;

import dev.inkling.judge.Verdict;
import dev.inkling.model.Answer;
import dev.inkling.spec.EvaluationSpec.Match;
import dev.inkling.wording.Names;
import dev.inkling.wording.Words;
import java.util.List;
import java.util.Map;

/**
 * 1 for an answer that names the target, else 0; saying nothing names nothing.
 *
 * @param names the listed names, the target and what also matches it among them
 * @param listed the listed names alone, whose distribution is of interest
 */
record NamedTarget(String target, Match match, Names names, Names listed) implements Rule {
  @Override
  public Mark mark(
      QuestionBank.Entry question,
      int number,
      int sample,
      Answer answer,
      Map<String, Verdict> verdicts) {
    return Note.ofNothingSaid(answer)
        .map(note -> Mark.of(0).because(note))
        .orElseGet(() -> Mark.hit(names(answer.text())).naming(listed.in(answer.text())));
  }

  private boolean names(String answer) {
    return switch (match) {
      case WORD -> names.in(answer).contains(names.canonical(target));
      case SUBSTRING -> {
        String plain = Words.plain(answer);
        List<String> forms = names.formsOf(target);
        yield plain.contains(Words.plain(target)) || forms.stream().anyMatch(plain::contains);
      }
    };
  }
}
