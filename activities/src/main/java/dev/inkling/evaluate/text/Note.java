package dev.inkling.evaluate.text;

import dev.inkling.model.Answer;
import java.util.Optional;

/** What is to know of a score, or why there is none. */
public enum Note {
  /** The model or its provider refused. */
  REFUSED("refused"),
  /** There is no word in the answer. */
  EMPTY("empty"),
  /** The answer is not of the form that was asked for. */
  UNPARSED("unparsed"),
  /** The judge says that the answer is program code. */
  CODE("code"),
  /** The judge says that the answer is a refusal. */
  JUDGED_REFUSAL("judged a refusal"),
  /** The judge says that the answer makes no sense. */
  INCOHERENT("incoherent"),
  /** The judge was asked as often as the spec allows and gave no verdict. */
  NOT_JUDGED("not judged"),
  /** The target is not among the alternatives: its probability is at most what the score says. */
  BOUND("bound"),
  /** The provider told no log-probabilities. */
  NO_LOGPROBS("no log-probabilities");

  private final String word;

  Note(String word) {
    this.word = word;
  }

  /** How people and files read it. */
  public String word() {
    return word;
  }

  /** Whether an answer says nothing at all, and why. */
  static Optional<Note> ofNothingSaid(Answer answer) {
    return switch (answer.end()) {
      case REFUSED, CONTENT_POLICY -> Optional.of(REFUSED);
      case EMPTY -> Optional.of(EMPTY);
      case COMPLETE, TRUNCATED -> answer.text().isBlank() ? Optional.of(EMPTY) : Optional.empty();
    };
  }
}
