package dev.inkling.model;

import dev.inkling.spec.Decoding;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One request to a model for one answer.
 *
 * @param messages the conversation so far; a system message, if there is one, comes first
 * @param seed what the provider may draw with; most promise nothing for it
 * @param topLogprobs how many alternatives' log-probabilities to return for each token; 0 for none
 * @param forced what the answer is, where nothing is drawn and only its probability is asked for;
 *     by models whose weights one holds
 */
public record Question(
    List<Message> messages,
    Decoding decoding,
    OptionalLong seed,
    int topLogprobs,
    Optional<Forced> forced) {
  /** English has about four characters to a token; other text has fewer, so this is a guess. */
  public static final double CHARACTERS_PER_TOKEN = 4;

  public Question {
    messages = List.copyOf(messages);
  }

  /** A question whose answer the model chooses. */
  public Question(List<Message> messages, Decoding decoding, OptionalLong seed, int topLogprobs) {
    this(messages, decoding, seed, topLogprobs, Optional.empty());
  }

  /**
   * An answer that is given. The log-probabilities of the continuation's tokens are what is asked
   * for.
   *
   * @param opening how the answer begins; may be empty
   * @param continuation how it goes on
   */
  public record Forced(String opening, String continuation) {}

  /** About how many tokens the question has. */
  public double tokens() {
    return messages.stream().mapToLong(m -> m.text().length()).sum() / CHARACTERS_PER_TOKEN;
  }
}
