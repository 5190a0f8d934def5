package dev.inkling.model.hosted;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.LogLevel;
import com.anthropic.core.Timeout;
import com.anthropic.core.http.HttpResponseFor;
import com.anthropic.models.messages.Message;
import com.anthropic.models.models.ModelInfo;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Anthropic's messages. They take no seed and give no log-probabilities. */
final class AnthropicConnection implements Connection {
  private final Endpoint endpoint;
  private final AnthropicCalls calls;
  private final AnthropicClient client;

  AnthropicConnection(Endpoint endpoint, Credentials credentials, Clock clock, Duration timeout) {
    this.endpoint = endpoint;
    this.calls = new AnthropicCalls(new Refusals(endpoint, credentials), clock);
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
    return calls.call(
        () -> {
          try (HttpResponseFor<Message> response =
              client.messages().withRawResponse().create(AnthropicRequest.of(model, question))) {
            Message message = response.parse();
            if (message._content().isMissing()) {
              throw calls
                  .refusals()
                  .hiddenError(AnthropicCalls.json(message._additionalProperties().get("error")));
            }
            return new Reply(
                AnthropicAnswer.of(message, calls.refusals()),
                calls.limits(response.headers()).anthropic());
          }
        });
  }

  @Override
  public Optional<Card> find(String model) throws ModelException, InterruptedException {
    return calls.find(() -> card(client.models().retrieve(model)));
  }

  @Override
  public Optional<List<Card>> list() throws ModelException, InterruptedException {
    return calls.find(
        () -> client.models().list().autoPager().stream().map(AnthropicConnection::card).toList());
  }

  private static Card card(ModelInfo model) {
    return new Card(model.id(), model.retiresAt().map(t -> t.toLocalDate()));
  }

  @Override
  public Batches batches(String model) {
    return new AnthropicBatches(client.messages().batches(), model, endpoint, calls);
  }

  @Override
  public Preflight.FineTuning fineTuning() {
    return new Preflight.FineTuning.Closed("Anthropic's interface has no fine-tuning.");
  }

  @Override
  public void close() {
    client.close();
  }
}
