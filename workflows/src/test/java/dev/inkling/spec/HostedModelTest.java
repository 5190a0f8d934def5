package dev.inkling.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What belongs to the identity of a hosted model and what is only pace. */
class HostedModelTest {
  private static final HostedModel MODEL =
      new HostedModel(
          HostedModel.Provider.OPENAI,
          "gpt",
          Optional.of("together"),
          Optional.of(500),
          Optional.of(100_000),
          Optional.of(64),
          true);

  @Test
  void paceIsNotIdentity() {
    assertThat(MODEL.identity())
        .isEqualTo(HostedModel.of(HostedModel.Provider.OPENAI, "gpt").at("together"))
        .isNotEqualTo(HostedModel.of(HostedModel.Provider.OPENAI, "gpt"));
  }

  @Test
  void oneIsPaidAtTheEndpoint() {
    assertThat(MODEL.server()).isEqualTo("together");
    assertThat(HostedModel.of(HostedModel.Provider.ANTHROPIC, "claude").server())
        .isEqualTo("anthropic");
  }

  @Test
  void itIsTheSameAfterJson() throws Exception {
    ObjectMapper json = new ObjectMapper().registerModule(new Jdk8Module());
    String text = json.writeValueAsString(MODEL);
    assertThat(text).contains("\"provider\":\"openai\"").doesNotContain("identity", "server");
    assertThat(json.readValue(text, HostedModel.class)).isEqualTo(MODEL);
  }

  @Test
  void theReaderKnowsItsShape() {
    assertThat(Shape.of(HostedModel.class))
        .isInstanceOfSatisfying(
            Shape.Fields.class,
            fields ->
                assertThat(fields.members())
                    .filteredOn(m -> !m.optional() && m.field().byDefault().isEmpty())
                    .extracting(Shape.Member::name)
                    .containsExactly("provider", "id"));
  }
}
