package dev.inkling.evaluate.text;

import dev.inkling.model.Answer;
import java.util.List;

/** Answers as a provider would give them. */
final class Answers {
  private Answers() {}

  static Answer complete(String text) {
    return ended(text, Answer.End.COMPLETE);
  }

  static Answer ended(String text, Answer.End end) {
    return new Answer(text, end, new Answer.Usage(1, 1), List.of());
  }

  static Answer withFirstToken(Answer.TokenLogprobs first) {
    return new Answer(first.token(), Answer.End.TRUNCATED, new Answer.Usage(1, 1), List.of(first));
  }
}
