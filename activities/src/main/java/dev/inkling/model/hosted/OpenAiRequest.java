package dev.inkling.model.hosted;

import com.openai.models.ReasoningEffort;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.inkling.model.Message;
import dev.inkling.model.Question;
import dev.inkling.spec.Decoding;

/** A question as the parameters of a chat completion. */
final class OpenAiRequest {
  private OpenAiRequest() {}

  /**
   * The parameters.
   *
   * @param openAi whether OpenAI itself is asked: its newer models know only {@code
   *     max_completion_tokens}, most who speak like it only {@code max_tokens}
   */
  @SuppressWarnings("deprecation") // OpenAI deprecates max_tokens and seed; others live by them.
  static ChatCompletionCreateParams of(String model, Question question, boolean openAi) {
    ChatCompletionCreateParams.Builder params = ChatCompletionCreateParams.builder().model(model);
    for (Message message : question.messages()) {
      switch (message.role()) {
        case SYSTEM -> params.addSystemMessage(message.text());
        case USER -> params.addUserMessage(message.text());
        case ASSISTANT -> params.addAssistantMessage(message.text());
      }
    }
    Decoding decoding = question.decoding();
    if (openAi) {
      params.maxCompletionTokens(decoding.maxTokens());
    } else {
      params.maxTokens(decoding.maxTokens());
    }
    // Reasoning models refuse both fields; a default that is not sent is no reason to refuse.
    if (decoding.greedy()) {
      params.temperature(0);
    } else {
      if (decoding.temperature() != 1) {
        params.temperature(decoding.temperature());
      }
      if (decoding.topP() != 1) {
        params.topP(decoding.topP());
      }
    }
    decoding.reasoning().ifPresent(r -> params.reasoningEffort(ReasoningEffort.of(r.word())));
    question.seed().ifPresent(params::seed);
    if (question.topLogprobs() > 0) {
      params.logprobs(true).topLogprobs(question.topLogprobs());
    }
    return params.build();
  }
}
