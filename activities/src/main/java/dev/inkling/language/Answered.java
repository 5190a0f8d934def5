package dev.inkling.language;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.inkling.model.Answer;
import java.util.List;

/**
 * An answer as the journal keeps it.
 *
 * @param end as {@link Answer.End} reads
 * @param logprobs where they were asked for; empty otherwise
 * @param batched whether it came in a batch, at a batch's price
 */
public record Answered(
    String text,
    String end,
    long inputTokens,
    long outputTokens,
    List<Answer.TokenLogprobs> logprobs,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean batched) {
  public Answered {
    logprobs = logprobs == null ? List.of() : List.copyOf(logprobs);
  }

  static Answered of(Answer answer, boolean batched) {
    return new Answered(
        answer.text(),
        answer.end().word(),
        answer.usage().inputTokens(),
        answer.usage().outputTokens(),
        answer.logprobs(),
        batched);
  }

  /** The answer as it came. */
  public Answer answer() {
    return new Answer(
        text, Answer.End.of(end), new Answer.Usage(inputTokens, outputTokens), logprobs);
  }
}
