package dev.inkling.model.hosted;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.LogLevel;
import com.openai.core.Timeout;
import com.openai.core.http.HttpResponseFor;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.finetuning.jobs.JobListParams;
import com.openai.models.models.Model;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** OpenAI's chat completions, at OpenAI or at a server that speaks like it. */
final class OpenAiConnection implements Connection {
  private final Endpoint endpoint;
  private final OpenAiCalls calls;
  private final OpenAIClient client;

  OpenAiConnection(Endpoint endpoint, Credentials credentials, Clock clock, Duration timeout) {
    this.endpoint = endpoint;
    this.calls = new OpenAiCalls(new Refusals(endpoint, credentials), clock);
    OpenAIOkHttpClient.Builder builder =
        OpenAIOkHttpClient.builder()
            .baseUrl(endpoint.baseUrl().toString())
            // A server on this machine that asks for no key gets a word; the SDK insists on one.
            .apiKey(endpoint.key().orElse("none"))
            .maxRetries(0)
            .timeout(
                // The limit for the whole request is enough: one for each read and write would
                // cost as much as reading and writing.
                Timeout.builder()
                    .connect(Providers.CONNECT)
                    .read(Duration.ZERO)
                    .write(Duration.ZERO)
                    .request(timeout)
                    .build())
            .maxIdleConnections(Providers.CONNECTIONS)
            .keepAliveDuration(Providers.KEEP_ALIVE)
            .logLevel(LogLevel.OFF);
    if (endpoint.openAi()) {
      builder
          .organization(credentials.get("OPENAI_ORG_ID"))
          .project(credentials.get("OPENAI_PROJECT_ID"));
    }
    this.client = builder.build();
  }

  /** The files of the account. */
  OpenAiFiles files() {
    return new OpenAiFiles(client.files(), calls);
  }

  /** Its fine-tuning. */
  FineTuning tuning() {
    return new FineTuning(client, files(), calls);
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public Reply ask(String model, Question question) throws ModelException, InterruptedException {
    ChatCompletionCreateParams params = OpenAiRequest.of(model, question, endpoint.openAi());
    return calls.call(
        () -> {
          try (HttpResponseFor<ChatCompletion> response =
              client.chat().completions().withRawResponse().create(params)) {
            ChatCompletion completion = response.parse();
            if (completion._choices().isMissing()) {
              throw calls
                  .refusals()
                  .hiddenError(OpenAiCalls.json(completion._allProperties().get("error")));
            }
            return new Reply(
                OpenAiAnswer.of(completion, calls.refusals()),
                calls.limits(response.headers()).openAi());
          }
        });
  }

  @Override
  public Optional<Card> find(String model) throws ModelException, InterruptedException {
    return calls.call(
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
    return calls.call(
        () -> {
          try {
            return Optional.of(
                client.models().list().autoPager().stream().map(OpenAiConnection::card).toList());
          } catch (NotFoundException e) {
            return Optional.empty();
          }
        });
  }

  private static Card card(Model model) {
    return new Card(model.id(), model.shutdownDate());
  }

  @Override
  public Batches batches(String model) {
    return new OpenAiBatches(client.batches(), files(), model, endpoint, calls);
  }

  @Override
  public Preflight.FineTuning fineTuning() throws ModelException, InterruptedException {
    try {
      return calls.call(
          () -> {
            client.fineTuning().jobs().list(JobListParams.builder().limit(1).build());
            return new Preflight.FineTuning.Open();
          });
    } catch (ModelException e) {
      if (e.reason().passing()) {
        throw e;
      }
      return new Preflight.FineTuning.Closed(e.getMessage());
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
