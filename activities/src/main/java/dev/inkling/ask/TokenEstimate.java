package dev.inkling.ask;

import dev.inkling.model.Answer;
import dev.inkling.model.Question;

/**
 * How many tokens a question will cost: its own, about, and for the answer what answers cost
 * lately.
 */
final class TokenEstimate {
  /** The weight of the newest answer in the running mean; about the last hundred count. */
  private static final double NEWEST = 0.02;

  private double output = -1;

  /** The estimate; before the first answer it takes the longest one allowed. */
  double of(Question question) {
    return question.tokens() + (output < 0 ? question.decoding().maxTokens() : output);
  }

  /** What an answer did cost. */
  void learned(Answer.Usage usage) {
    output = output < 0 ? usage.outputTokens() : output + NEWEST * (usage.outputTokens() - output);
  }
}
