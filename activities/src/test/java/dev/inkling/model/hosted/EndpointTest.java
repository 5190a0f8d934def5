package dev.inkling.model.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.model.ModelException;
import dev.inkling.spec.HostedModel;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whose key and which address a model gets. */
class EndpointTest {
  private static final HostedModel GPT = HostedModel.of(HostedModel.Provider.OPENAI, "gpt");

  @Test
  void aProviderHasItsOwnServer() throws ModelException {
    Endpoint endpoint = Endpoint.of(GPT, Credentials.of(Map.of("OPENAI_API_KEY", "k")));
    assertThat(endpoint.baseUrl()).hasToString("https://api.openai.com/v1");
    assertThat(endpoint.openAi()).isTrue();
    assertThat(endpoint.toString()).isEqualTo("openai at api.openai.com");
  }

  @Test
  void anEndpointHasItsOwnKeyAndAddress() throws ModelException {
    Endpoint endpoint =
        Endpoint.of(
            GPT.at("open-router"),
            Credentials.of(
                Map.of(
                    "OPENAI_API_KEY", "not this",
                    "OPEN_ROUTER_API_KEY", "this",
                    "OPEN_ROUTER_BASE_URL", "https://example.org/api/v1/")));
    assertThat(endpoint.key()).contains("this");
    assertThat(endpoint.baseUrl()).hasToString("https://example.org/api/v1");
    assertThat(endpoint.openAi()).isFalse();
  }

  @Test
  void aMissingVariableIsNamed() {
    assertMissing(GPT, Map.of(), "OPENAI_API_KEY");
    assertMissing(
        HostedModel.of(HostedModel.Provider.ANTHROPIC, "claude"), Map.of(), "ANTHROPIC_API_KEY");
    assertMissing(GPT.at("together"), Map.of("OPENAI_API_KEY", "k"), "TOGETHER_BASE_URL");
    assertMissing(
        GPT.at("together"), Map.of("TOGETHER_BASE_URL", "https://a.org"), "TOGETHER_API_KEY");
  }

  @Test
  void aServerOnThisMachineNeedsNoKey() throws ModelException {
    for (String host : new String[] {"localhost", "127.0.0.1", "[::1]"}) {
      Map<String, String> environment = Map.of("VLLM_BASE_URL", "http://" + host + ":8000/v1");
      assertThat(Endpoint.of(GPT.at("vllm"), Credentials.of(environment)).key()).isEmpty();
    }
    assertMissing(
        GPT.at("vllm"), Map.of("VLLM_BASE_URL", "http://127.example.org/v1"), "VLLM_API_KEY");
  }

  @Test
  void anAddressThatIsNoneIsNotShown() {
    for (String url : new String[] {"example.org", "ftp://example.org", "http://u:pass@a.org"}) {
      assertThatThrownBy(() -> Endpoint.of(GPT, Credentials.of(Map.of("OPENAI_BASE_URL", url))))
          .hasMessageStartingWith("OPENAI_BASE_URL is not an address")
          .hasMessageNotContaining(url);
    }
  }

  private static void assertMissing(
      HostedModel model, Map<String, String> environment, String variable) {
    assertThatThrownBy(() -> Endpoint.of(model, Credentials.of(environment)))
        .isInstanceOfSatisfying(
            ModelException.class,
            e -> assertThat(e.reason()).isEqualTo(ModelException.Reason.MISSING_CREDENTIAL))
        .hasMessageContaining("set " + variable + " in the environment");
  }
}
