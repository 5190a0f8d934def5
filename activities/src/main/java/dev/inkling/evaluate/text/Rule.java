package dev.inkling.evaluate.text;

import dev.inkling.judge.Judge;
import dev.inkling.judge.Verdict;
import dev.inkling.model.Answer;
import dev.inkling.model.Question;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a question is put and its answer is scored: one implementation for each measure. */
interface Rule {
  /**
   * The question as the model reads it.
   *
   * @param question the bank's question
   * @param number its number in the bank
   * @param sample how often it was asked before
   */
  default String ask(String question, int number, int sample) {
    return question;
  }

  /** The judges that must hear an answer before it is scored. */
  default List<Judge> judges() {
    return List.of();
  }

  /** How many alternatives to the first token are needed. */
  default int alternatives() {
    return 0;
  }

  /** What the answer is, where only its probability is asked for. */
  default Optional<Question.Forced> forced() {
    return Optional.empty();
  }

  /**
   * What an answer counts.
   *
   * @param verdicts those of the judges, by their names; empty if the answer says nothing
   */
  Mark mark(
      QuestionBank.Entry question,
      int number,
      int sample,
      Answer answer,
      Map<String, Verdict> verdicts);
}
