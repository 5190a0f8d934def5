package dev.inkling.ask;

import dev.inkling.model.Answer;
import dev.inkling.model.Question;

/**
 * How many tokens a question will cost: four characters to a token, which is a provider's usual
 * rule of thumb for English, and for the answer what answers cost lately.
 */
final class TokenEstimate {
  private static final double CHARACTERS = 4;

  /** The weight of the newest answer in the running mean; about the last hundred count. */
  private static final double NEWEST = 0.02;

  private double output = -1;

  /** The estimate; before the first answer it takes the longest one allowed. */
  double of(Question question) {
    long characters = question.messages().stream().mapToLong(m -> m.text().length()).sum();
    return characters / CHARACTERS + (output < 0 ? question.decoding().maxTokens() : output);
  }

  /** What an answer did cost. */
  void learned(Answer.Usage usage) {
    output = output < 0 ? usage.outputTokens() : output + NEWEST * (usage.outputTokens() - output);
  }
}
