package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import java.util.Optional;

/**
 * A model that somebody runs behind HTTP. Who answers is {@link #identity()}; the other fields are
 * pace. Keys and addresses never stand in a spec: they come from the environment of the worker.
 */
public record HostedModel(
    @Field("Whose interface it speaks: openai (chat completions) or anthropic (messages).")
        Provider provider,
    @Field(
            value = "The model's name at the provider, for example gpt-4.1-2025-04-14.",
            pattern = "\\S{1,200}")
        String id,
    @Field(
            value =
                "Another server with the same interface: together takes its key from"
                    + " TOGETHER_API_KEY and its address from TOGETHER_BASE_URL.",
            pattern = "[a-z][a-z0-9-]{0,40}")
        Optional<String> endpoint,
    @Field(value = "At most this many requests in a minute.", min = 1)
        Optional<Integer> requestsPerMinute,
    @Field(value = "At most this many tokens in a minute, prompts and answers.", min = 1)
        Optional<Integer> tokensPerMinute,
    @Field(value = "At most this many requests under way at once.", min = 1, max = 10000)
        Optional<Integer> maxInFlight,
    @Field(
            value =
                "Through the provider's batches, at half the price: answers may take a day. What"
                    + " fails there is asked directly.",
            byDefault = "false")
        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        boolean batch)
    implements BaseModel {

  /** An interface that many servers speak. */
  public enum Provider {
    /** OpenAI's chat completions; also spoken by vLLM, Together, OpenRouter and others. */
    @JsonProperty("openai")
    OPENAI,
    /** Anthropic's messages. */
    @JsonProperty("anthropic")
    ANTHROPIC;

    /** How specs and price lists write it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A model of a provider's own server, at whatever pace it allows. */
  public static HostedModel of(Provider provider, String id) {
    return new HostedModel(
        provider,
        id,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  /** The same model at the endpoint of that name. */
  public HostedModel at(String name) {
    return new HostedModel(
        provider, id, Optional.of(name), requestsPerMinute, tokensPerMinute, maxInFlight, batch);
  }

  @Override
  public HostedModel identity() {
    return new HostedModel(
        provider, id, endpoint, Optional.empty(), Optional.empty(), Optional.empty(), false);
  }

  /** A model that was fine-tuned from this one, asked at the same pace. */
  public HostedModel named(String name) {
    return new HostedModel(
        provider, name, endpoint, requestsPerMinute, tokensPerMinute, maxInFlight, batch);
  }

  /** Whom one pays and whose key one needs: the endpoint, or the provider itself. */
  public String server() {
    return endpoint.orElse(provider.word());
  }
}
