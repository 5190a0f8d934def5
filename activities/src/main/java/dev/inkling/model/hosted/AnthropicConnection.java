package dev.inkling.model.hosted;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.LogLevel;
import com.anthropic.core.Timeout;
import com.anthropic.core.http.Headers;
import com.anthropic.core.http.HttpResponseFor;
import com.anthropic.errors.AnthropicException;
import com.anthropic.errors.AnthropicInvalidDataException;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.TextBlock;
import com.anthropic.models.models.ModelInfo;
import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.model.Answer;
import dev.inkling.model.Answer.End;
import dev.inkling.model.Answer.Usage;
import dev.inkling.model.Message.Role;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import dev.inkling.spec.Decoding;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Anthropic's messages. They take no seed and give no log-probabilities. */
final class AnthropicConnection implements Connection {
  private final Endpoint endpoint;
  private final Refusals refusals;
  private final Clock clock;
  private final AnthropicClient client;

  AnthropicConnection(Endpoint endpoint, Credentials credentials, Clock clock, Duration timeout) {
    this.endpoint = endpoint;
    this.refusals = new Refusals(endpoint, credentials);
    this.clock = clock;
    this.client =
        AnthropicOkHttpClient.builder()
            .baseUrl(endpoint.baseUrl().toString())
            .apiKey(endpoint.key().orElse("none"))
            .maxRetries(0)
            .timeout(
                Timeout.builder()
                    .connect(Providers.CONNECT)
                    .read(Duration.ZERO)
                    .write(Duration.ZERO)
                    .request(timeout)
                    .build())
            .maxIdleConnections(Providers.CONNECTIONS)
            .keepAliveDuration(Providers.KEEP_ALIVE)
            .logLevel(LogLevel.OFF)
            .build();
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public Reply ask(String model, Question question) throws ModelException, InterruptedException {
    return call(
        () -> {
          try (HttpResponseFor<Message> response =
              client.messages().withRawResponse().create(params(model, question))) {
            Message message = response.parse();
            if (message._content().isMissing()) {
              throw refusals.hiddenError(json(message._additionalProperties().get("error")));
            }
            return new Reply(answer(message), limits(response.headers()).anthropic());
          }
        });
  }

  private static MessageCreateParams params(String model, Question question) {
    Decoding decoding = question.decoding();
    MessageCreateParams.Builder params =
        MessageCreateParams.builder().model(model).maxTokens(decoding.maxTokens());
    String system =
        question.messages().stream()
            .filter(m -> m.role() == Role.SYSTEM)
            .map(dev.inkling.model.Message::text)
            .collect(Collectors.joining("\n\n"));
    if (!system.isEmpty()) {
      params.system(system);
    }
    for (dev.inkling.model.Message message : question.messages()) {
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

  private Answer answer(Message message) throws ModelException {
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

  @Override
  public Optional<Card> find(String model) throws ModelException, InterruptedException {
    return call(
        () -> {
          try {
            return Optional.of(card(client.models().retrieve(model)));
          } catch (NotFoundException e) {
            return Optional.empty();
          }
        });
  }

  @Override
  public Optional<List<Card>> list() throws ModelException, InterruptedException {
    return call(
        () -> {
          try {
            return Optional.of(
                client.models().list().autoPager().stream()
                    .map(AnthropicConnection::card)
                    .toList());
          } catch (NotFoundException e) {
            return Optional.empty();
          }
        });
  }

  private static Card card(ModelInfo model) {
    return new Card(model.id(), model.retiresAt().map(t -> t.toLocalDate()));
  }

  @Override
  public Preflight.FineTuning fineTuning() {
    return new Preflight.FineTuning.Closed("Anthropic's interface has no fine-tuning.");
  }

  private <T> T call(Call<T> call) throws ModelException, InterruptedException {
    try {
      return call.run();
    } catch (AnthropicServiceException e) {
      throw refusals.status(e.statusCode(), limits(e.headers()), json(e.body()));
    } catch (AnthropicInvalidDataException e) {
      throw Connection.stopped(refusals.nonsense(String.valueOf(e.getMessage())));
    } catch (AnthropicException e) {
      throw Connection.stopped(refusals.lost(e));
    }
  }

  private RateLimits limits(Headers headers) {
    return new RateLimits(headers::values, clock);
  }

  private static Optional<JsonNode> json(@Nullable JsonValue body) {
    return body == null || body.isMissing()
        ? Optional.empty()
        : Optional.of(body.convert(JsonNode.class));
  }

  @Override
  public void close() {
    client.close();
  }
}
