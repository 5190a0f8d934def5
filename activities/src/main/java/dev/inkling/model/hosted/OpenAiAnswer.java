package dev.inkling.model.hosted;

import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionTokenLogprob;
import dev.inkling.model.Answer;
import dev.inkling.model.Answer.Alternative;
import dev.inkling.model.Answer.End;
import dev.inkling.model.Answer.TokenLogprobs;
import dev.inkling.model.Answer.Usage;
import dev.inkling.model.ModelException;
import java.util.List;
import java.util.Optional;

/** A chat completion as an answer. */
final class OpenAiAnswer {
  private OpenAiAnswer() {}

  static Answer of(ChatCompletion completion, Refusals refusals) throws ModelException {
    if (completion.choices().isEmpty()) {
      throw refusals.nonsense("no choices");
    }
    ChatCompletion.Choice choice = completion.choices().getFirst();
    Optional<String> refusal = choice.message().refusal();
    String text = choice.message().content().orElse("");
    End end = end(choice.finishReason().asString(), text, refusal.isPresent(), refusals);
    return new Answer(
        refusal.filter(_ -> text.isEmpty()).orElse(text), end, usage(completion), logprobs(choice));
  }

  private static End end(String finish, String text, boolean refused, Refusals refusals)
      throws ModelException {
    if (refused) {
      return End.REFUSED;
    }
    return switch (finish) {
      // Some servers name the token that ended the answer.
      case "stop", "eos" -> text.isEmpty() ? End.EMPTY : End.COMPLETE;
      case "length" -> End.TRUNCATED;
      case "content_filter" -> End.CONTENT_POLICY;
      default -> throw refusals.unknownEnd(finish);
    };
  }

  /** A server that counts nothing costs nothing that could be counted. */
  private static Usage usage(ChatCompletion completion) {
    return completion
        .usage()
        .map(u -> new Usage(u.promptTokens(), u.completionTokens()))
        .orElse(new Usage(0, 0));
  }

  private static List<TokenLogprobs> logprobs(ChatCompletion.Choice choice) {
    return choice.logprobs().flatMap(ChatCompletion.Choice.Logprobs::content).stream()
        .flatMap(List::stream)
        .map(OpenAiAnswer::logprobs)
        .toList();
  }

  private static TokenLogprobs logprobs(ChatCompletionTokenLogprob token) {
    return new TokenLogprobs(
        token.token(),
        token.logprob(),
        token.topLogprobs().stream().map(t -> new Alternative(t.token(), t.logprob())).toList());
  }
}
