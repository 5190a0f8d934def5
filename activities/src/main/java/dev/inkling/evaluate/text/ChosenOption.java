package dev.inkling.evaluate.text;

import dev.inkling.judge.Verdict;
import dev.inkling.model.Answer;
import dev.inkling.tensor.Counter;
import dev.inkling.wording.Names;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** 1 for an answer that chooses the target, else 0; one that chooses nothing is unparsed. */
record ChosenOption(String target, List<String> options, Names listed, Forms forms, long seed)
    implements Rule {
  @Override
  public String ask(String question, int number, int sample) {
    return forms
        .multipleChoice()
        .fill(Map.of("question", question, "options", choice(number, sample).lines()));
  }

  @Override
  public Mark mark(
      QuestionBank.Entry question,
      int number,
      int sample,
      Answer answer,
      Map<String, Verdict> verdicts) {
    Optional<Note> nothing = Note.ofNothingSaid(answer);
    if (nothing.isPresent()) {
      return Mark.of(0).because(nothing.get());
    }
    return choice(number, sample)
        .chosen(answer.text())
        .map(chosen -> Mark.hit(chosen.equalsIgnoreCase(target)).naming(listed.in(chosen)))
        .orElse(Mark.of(0).because(Note.UNPARSED));
  }

  private Choice choice(int number, int sample) {
    return Choice.shuffled(options, Counter.key(seed, "evaluate.letters", number, sample));
  }
}
