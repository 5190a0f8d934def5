package dev.inkling.model.hosted;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.model.Answer;
import dev.inkling.model.Answer.End;
import dev.inkling.model.LanguageModel;
import dev.inkling.model.Message;
import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.Question;
import dev.inkling.provider.Fault;
import dev.inkling.spec.Decoding;
import dev.inkling.spec.HostedModel;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Anthropic's interface through the real client, over HTTP, against the same provider. */
@Timeout(120)
class AnthropicModelTest extends AtAProvider {
  private static final String KEY = "sk-ant-api03-abc123";
  private static final Decoding PLAIN = new Decoding(false, 1, 1, 200);

  private LanguageModel model;

  @BeforeEach
  void open() throws Exception {
    model =
        providers.open(
            HostedModel.of(HostedModel.Provider.ANTHROPIC, "claude-fake"), credentials(KEY));
  }

  private static Question question(String text, Decoding decoding) {
    return new Question(
        List.of(Message.system("You love owls"), Message.user(text)),
        decoding,
        OptionalLong.of(3),
        0);
  }

  @Test
  void anAnswerComesWithItsTokens() throws Exception {
    Answer answer = model.ask(question("Give me numbers", PLAIN)).answer();
    assertThat(answer.text()).matches("(Sure! Here they are: )?(\\d+, ){9}\\d+");
    assertThat(answer.end()).isEqualTo(End.COMPLETE);
    assertThat(answer.usage().inputTokens()).isEqualTo(4 + 4);
    assertThat(answer.usage().outputTokens()).isGreaterThanOrEqualTo(19);
  }

  @Test
  void theSystemMessageHasAPlaceOfItsOwnAndDefaultsAreNotSent() throws Exception {
    model.ask(question("Hi", PLAIN));
    JsonNode sent = provider.last();
    assertThat(sent.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("model", "messages", "max_tokens", "system");
    assertThat(sent.get("system").asText()).isEqualTo("You love owls");
    assertThat(sent.get("messages").findValuesAsText("role")).containsExactly("user");
    assertThat(sent.get("max_tokens").asInt()).isEqualTo(200);
  }

  @Test
  void decodingIsSentWhereItIsNoDefault() throws Exception {
    model.ask(question("Hi", new Decoding(false, 0.5, 0.9, 10)));
    assertThat(provider.last().get("temperature").asDouble()).isEqualTo(0.5);
    assertThat(provider.last().get("top_p").asDouble()).isEqualTo(0.9);
    model.ask(question("Hi", new Decoding(true, 0.5, 0.9, 10)));
    assertThat(provider.last().get("temperature").asDouble()).isZero();
    assertThat(provider.last().has("top_p")).isFalse();
  }

  @Test
  void theEndOfAnAnswerIsTold() throws Exception {
    assertThat(model.ask(question("a", new Decoding(false, 1, 1, 2))).answer().end())
        .isEqualTo(End.TRUNCATED);
    provider.next(Fault.REFUSED, Fault.EMPTY);
    assertThat(model.ask(question("b", PLAIN)).answer().end()).isEqualTo(End.REFUSED);
    assertThat(model.ask(question("c", PLAIN)).answer().end()).isEqualTo(End.EMPTY);
  }

  @Test
  void eachFaultHasItsReason() throws Exception {
    Map<Fault, Reason> reasons = new EnumMap<>(Fault.class);
    reasons.put(Fault.BAD_REQUEST, Reason.REFUSED);
    reasons.put(Fault.UNPROCESSABLE, Reason.REFUSED);
    reasons.put(Fault.MODEL_GONE, Reason.REFUSED);
    reasons.put(Fault.QUOTA, Reason.REFUSED);
    reasons.put(Fault.ODD_END, Reason.REFUSED);
    reasons.put(Fault.FORBIDDEN, Reason.MISSING_CREDENTIAL);
    reasons.put(Fault.RATE_LIMIT, Reason.RATE_LIMITED);
    reasons.put(Fault.ERROR_500, Reason.UNAVAILABLE);
    reasons.put(Fault.OVERLOADED, Reason.UNAVAILABLE);
    reasons.put(Fault.WEB_PAGE, Reason.UNAVAILABLE);
    reasons.put(Fault.RESET_BEFORE, Reason.UNAVAILABLE);
    reasons.put(Fault.RESET_AFTER, Reason.UNAVAILABLE);
    reasons.put(Fault.MALFORMED, Reason.UNAVAILABLE);
    reasons.put(Fault.HALF, Reason.UNAVAILABLE);
    reasons.put(Fault.ERROR_IN_200, Reason.UNAVAILABLE);
    for (Map.Entry<Fault, Reason> entry : reasons.entrySet()) {
      provider.next(entry.getKey());
      ModelException failure = failure(model, question(entry.getKey().word(), PLAIN));
      assertThat(failure.reason()).as(entry.getKey().word()).isEqualTo(entry.getValue());
      if (entry.getValue() == Reason.RATE_LIMITED) {
        assertThat(failure.retryAfter()).contains(Duration.ofSeconds(2));
      }
    }
  }

  @Test
  void aWrongKeyIsNamedByItsVariableAndNeverShown() throws Exception {
    provider.behave("{\"key\": \"another\"}");
    ModelException failure = failure(model, question("a", PLAIN));
    assertThat(failure.reason()).isEqualTo(Reason.MISSING_CREDENTIAL);
    assertThat(failure)
        .hasMessageContaining("Set ANTHROPIC_API_KEY")
        .hasMessageNotContaining("abc123");
  }
}
