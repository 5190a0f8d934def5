package dev.inkling.model.hosted;

import com.anthropic.core.JsonValue;
import com.anthropic.models.messages.MessageCreateParams;
import dev.inkling.model.Message;
import dev.inkling.model.Message.Role;
import dev.inkling.model.Question;
import dev.inkling.spec.Decoding;
import java.util.stream.Collectors;

/** A question as the parameters of a message. */
final class AnthropicRequest {
  private AnthropicRequest() {}

  static MessageCreateParams of(String model, Question question) {
    Decoding decoding = question.decoding();
    MessageCreateParams.Builder params =
        MessageCreateParams.builder().model(model).maxTokens(decoding.maxTokens());
    String system =
        question.messages().stream()
            .filter(m -> m.role() == Role.SYSTEM)
            .map(Message::text)
            .collect(Collectors.joining("\n\n"));
    if (!system.isEmpty()) {
      params.system(system);
    }
    for (Message message : question.messages()) {
      switch (message.role()) {
        case SYSTEM -> {}
        case USER -> params.addUserMessage(message.text());
        case ASSISTANT -> params.addAssistantMessage(message.text());
      }
    }
    // The SDK no longer has these fields, and newer models refuse them; older ones take them.
    if (decoding.greedy()) {
      params.putAdditionalBodyProperty("temperature", JsonValue.from(0));
    } else {
      if (decoding.temperature() != 1) {
        params.putAdditionalBodyProperty("temperature", JsonValue.from(decoding.temperature()));
      }
      if (decoding.topP() != 1) {
        params.putAdditionalBodyProperty("top_p", JsonValue.from(decoding.topP()));
      }
    }
    return params.build();
  }
}
