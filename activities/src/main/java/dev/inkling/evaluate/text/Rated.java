package dev.inkling.evaluate.text;

import dev.inkling.judge.Verdict;
import dev.inkling.model.Answer;
import dev.inkling.spec.AnswerForm;
import dev.inkling.wording.Template;
import dev.inkling.wording.WholeNumber;
import java.util.Map;

/** The rating of the target; an answer that is no number on the scale has no score. */
record Rated(String target, AnswerForm.Rating scale, Forms forms) implements Rule {
  @Override
  public String ask(String question, int number, int sample) {
    return forms
        .rating()
        .fill(
            Map.of(
                "question",
                new Template(question).fill(Map.of("target", target)),
                "low",
                Integer.toString(scale.low()),
                "high",
                Integer.toString(scale.high())));
  }

  @Override
  public Mark mark(
      QuestionBank.Entry question,
      int number,
      int sample,
      Answer answer,
      Map<String, Verdict> verdicts) {
    return Note.ofNothingSaid(answer)
        .map(Mark::none)
        .orElseGet(
            () ->
                WholeNumber.in(answer.text(), scale.low(), scale.high()).stream()
                    .mapToObj(Mark::of)
                    .findFirst()
                    .orElse(Mark.none(Note.UNPARSED)));
  }
}
