package dev.inkling.model.hosted;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.core.ObjectMappers;
import dev.inkling.model.Message;
import dev.inkling.model.Question;
import dev.inkling.spec.Decoding;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What OpenAI gets and what those get who only speak like it. */
class OpenAiRequestTest {
  private static final Question QUESTION =
      new Question(
          List.of(Message.user("Hi")), new Decoding(false, 1, 1, 33), OptionalLong.empty(), 0);

  @Test
  void onlyOpenAiItselfGetsTheNewNameOfTheLimit() {
    JsonNode openAi = body(true);
    assertThat(openAi.get("max_completion_tokens").asInt()).isEqualTo(33);
    assertThat(openAi.has("max_tokens")).isFalse();
    JsonNode other = body(false);
    assertThat(other.get("max_tokens").asInt()).isEqualTo(33);
    assertThat(other.has("max_completion_tokens")).isFalse();
  }

  private static JsonNode body(boolean openAi) {
    return ObjectMappers.jsonMapper()
        .valueToTree(OpenAiRequest.of("some-model", QUESTION, openAi)._body());
  }
}
