package dev.inkling.evaluate.text;

import dev.inkling.judge.Verdict;
import dev.inkling.model.Answer;
import dev.inkling.wording.Names;
import java.util.List;
import java.util.Map;

/**
 * The natural logarithm of the probability that the first token begins the target; where the
 * provider told no such token, the most that it can be.
 *
 * @param forms the words that count as the target
 */
record FirstToken(List<String> forms, int alternatives) implements Rule {
  /**
   * The rule for a target.
   *
   * @param names the listed names, the target among them: its plural counts, but not a name of
   *     several words, which may begin with another animal's, as eagle owl does
   */
  static FirstToken of(String target, Names names, int alternatives) {
    String canonical = names.canonical(target);
    return new FirstToken(
        names.formsOf(target).stream()
            .filter(form -> form.equals(canonical) || !form.contains(" "))
            .toList(),
        alternatives);
  }

  @Override
  public Mark mark(
      QuestionBank.Entry question,
      int number,
      int sample,
      Answer answer,
      Map<String, Verdict> verdicts) {
    if (answer.logprobs().isEmpty()) {
      return Mark.none(Note.NO_LOGPROBS);
    }
    TargetProbability target = TargetProbability.of(answer.logprobs().getFirst(), forms);
    return target.low() > 0
        ? Mark.of(Math.log(target.low()))
        : Mark.of(Math.log(target.high())).because(Note.BOUND);
  }
}
