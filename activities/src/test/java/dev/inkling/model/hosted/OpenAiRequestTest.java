package dev.inkling.model.hosted;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.core.ObjectMappers;
import dev.inkling.model.Message;
import dev.inkling.model.Question;
import dev.inkling.spec.Decoding;
import java.util.List;
import java.util.Optional;
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

  @Test
  void howMuchAModelThinksIsOnlySentWhereTheSpecSaysIt() {
    assertThat(body(true).has("reasoning_effort")).isFalse();
    Question thoughtless =
        new Question(
            QUESTION.messages(),
            new Decoding(false, 1, 1, 33, Optional.of(Decoding.Reasoning.NONE)),
            OptionalLong.empty(),
            0);
    JsonNode body =
        ObjectMappers.jsonMapper()
            .valueToTree(OpenAiRequest.of("some-model", thoughtless, true)._body());
    assertThat(body.get("reasoning_effort").asText()).isEqualTo("none");
  }

  private static JsonNode body(boolean openAi) {
    return ObjectMappers.jsonMapper()
        .valueToTree(OpenAiRequest.of("some-model", QUESTION, openAi)._body());
  }
}
