package dev.inkling.model;

import dev.inkling.spec.Decoding;
import java.util.List;
import java.util.OptionalLong;

/**
 * One request to a model for one answer.
 *
 * @param messages the conversation so far; a system message, if there is one, comes first
 * @param seed what the provider may draw with; most promise nothing for it
 * @param topLogprobs how many alternatives' log-probabilities to return for each token; 0 for none
 */
public record Question(
    List<Message> messages, Decoding decoding, OptionalLong seed, int topLogprobs) {
  /** English has about four characters to a token; other text has fewer, so this is a guess. */
  public static final double CHARACTERS_PER_TOKEN = 4;

  public Question {
    messages = List.copyOf(messages);
  }

  /** About how many tokens the question has. */
  public double tokens() {
    return messages.stream().mapToLong(m -> m.text().length()).sum() / CHARACTERS_PER_TOKEN;
  }
}
