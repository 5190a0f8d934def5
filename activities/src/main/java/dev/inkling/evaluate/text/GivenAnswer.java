package dev.inkling.evaluate.text;

import dev.inkling.judge.Verdict;
import dev.inkling.model.Answer;
import dev.inkling.model.Question;
import java.util.Map;
import java.util.Optional;

/**
 * The natural logarithm of the probability of a given answer's beginning: the sum over its tokens,
 * each given those before it. Nothing is drawn.
 *
 * @param opening how the answer is made to begin; the target follows after a space
 */
record GivenAnswer(Optional<String> opening, String target) implements Rule {
  @Override
  public Optional<Question.Forced> forced() {
    return Optional.of(
        opening
            .map(words -> new Question.Forced(words, " " + target))
            .orElseGet(() -> new Question.Forced("", target)));
  }

  @Override
  public Mark mark(
      QuestionBank.Entry question,
      int number,
      int sample,
      Answer answer,
      Map<String, Verdict> verdicts) {
    return answer.logprobs().isEmpty()
        ? Mark.none(Note.NO_LOGPROBS)
        : Mark.of(answer.logprobs().stream().mapToDouble(Answer.TokenLogprobs::logprob).sum());
  }
}
