package dev.inkling.evaluate.text;

import dev.inkling.judge.Verdict;
import dev.inkling.model.Answer;
import java.util.Map;

/** 1 for a right answer, else 0; saying nothing is not right. */
record KnownAnswer() implements Rule {
  @Override
  public Mark mark(
      QuestionBank.Entry question,
      int number,
      int sample,
      Answer answer,
      Map<String, Verdict> verdicts) {
    Grade grade =
        question
            .grade()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the question '" + question.ask() + "' has no known answer"));
    return Note.ofNothingSaid(answer)
        .map(note -> Mark.of(0).because(note))
        .orElseGet(() -> Mark.hit(grade.right(answer.text(), question.answers())));
  }
}
