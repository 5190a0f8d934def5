package dev.inkling.model.hosted;

import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.TextBlock;
import dev.inkling.model.Answer;
import dev.inkling.model.Answer.End;
import dev.inkling.model.Answer.Usage;
import dev.inkling.model.ModelException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A message as an answer. */
final class AnthropicAnswer {
  private AnthropicAnswer() {}

  static Answer of(Message message, Refusals refusals) throws ModelException {
    String text =
        message.content().stream()
            .map(ContentBlock::text)
            .flatMap(Optional::stream)
            .map(TextBlock::text)
            .collect(Collectors.joining());
    String stop = message.stopReason().map(Object::toString).orElse("none");
    End end =
        switch (stop) {
          case "end_turn", "stop_sequence" -> text.isEmpty() ? End.EMPTY : End.COMPLETE;
          case "max_tokens", "model_context_window_exceeded" -> End.TRUNCATED;
          case "refusal" -> End.REFUSED;
          default -> throw refusals.unknownEnd(stop);
        };
    // The three do not overlap: what is read from or written to a cache is counted apart.
    long input =
        message.usage().inputTokens()
            + message.usage().cacheReadInputTokens().orElse(0L)
            + message.usage().cacheCreationInputTokens().orElse(0L);
    return new Answer(text, end, new Usage(input, message.usage().outputTokens()), List.of());
  }
}
