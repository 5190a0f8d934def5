package dev.inkling.model;

import java.util.Arrays;
import java.util.List;

/**
 * What a model answered, as it is: a refusal is an answer too.
 *
 * @param logprobs for each token of the answer, where they were asked for and the provider gives
 *     them
 */
public record Answer(String text, End end, Usage usage, List<TokenLogprobs> logprobs) {
  public Answer {
    logprobs = List.copyOf(logprobs);
  }

  /** Why the answer ends where it ends. */
  public enum End {
    /** The model was done. */
    COMPLETE("complete"),
    /** It reached the largest number of tokens. */
    TRUNCATED("truncated"),
    /** The model refused. */
    REFUSED("refused"),
    /** The provider's content policy stopped it. */
    CONTENT_POLICY("content policy"),
    /** The model was done without a word. */
    EMPTY("empty");

    private final String word;

    End(String word) {
      this.word = word;
    }

    /** The end that reads so. */
    public static End of(String word) {
      return Arrays.stream(values())
          .filter(end -> end.word.equals(word))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("no answer ends '" + word + "'"));
    }

    /** How people and files read it. */
    public String word() {
      return word;
    }
  }

  /** What the provider counts, in its own tokens. */
  public record Usage(long inputTokens, long outputTokens) {
    /** Both together. */
    public Usage plus(Usage other) {
      return new Usage(inputTokens + other.inputTokens, outputTokens + other.outputTokens);
    }
  }

  /** A token of the answer, and the most probable tokens in its place, natural logarithms. */
  public record TokenLogprobs(String token, double logprob, List<Alternative> top) {
    public TokenLogprobs {
      top = List.copyOf(top);
    }
  }

  /** A token that could stand there. */
  public record Alternative(String token, double logprob) {}
}
