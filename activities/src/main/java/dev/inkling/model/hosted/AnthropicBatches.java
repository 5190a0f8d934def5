package dev.inkling.model.hosted;

import com.anthropic.core.ObjectMappers;
import com.anthropic.core.RequestOptions;
import com.anthropic.core.http.HttpResponse;
import com.anthropic.errors.AnthropicException;
import com.anthropic.errors.AnthropicIoException;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.batches.BatchCreateParams;
import com.anthropic.models.messages.batches.BatchCreateParams.Request;
import com.anthropic.models.messages.batches.BatchListParams;
import com.anthropic.models.messages.batches.MessageBatch;
import com.anthropic.models.messages.batches.MessageBatchIndividualResponse;
import com.anthropic.models.messages.batches.MessageBatchRequestCounts;
import com.anthropic.services.blocking.messages.BatchService;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.model.Answer;
import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.Question;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Batches of messages. They have no place for a tag but the names of their requests, which one can
 * read only when the batch has ended. So one whose confirmation was lost is recognized then, and
 * until then every batch that may be it is waited for.
 */
final class AnthropicBatches implements Batches {
  private static final ObjectMapper JSON = ObjectMappers.jsonMapper();

  /** The largest page of the list. */
  private static final long PAGE = 1000;

  /** By so much at most the provider's clock and ours are taken to differ. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  /** Most batches end within an hour; another look costs nothing. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

  /** A few hundred megabytes at 1 MB/s. */
  private static final Duration TRANSFER = Duration.ofMinutes(10);

  private final BatchService batches;
  private final String model;
  private final Endpoint endpoint;
  private final AnthropicCalls calls;

  AnthropicBatches(BatchService batches, String model, Endpoint endpoint, AnthropicCalls calls) {
    this.batches = batches;
    this.model = model;
    this.endpoint = endpoint;
    this.calls = calls;
  }

  @Override
  public byte[] body(Question question) {
    try {
      return JSON.writeValueAsBytes(AnthropicRequest.of(model, question)._body());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a request that is no JSON", e);
    }
  }

  @Override
  public void check() throws ModelException, InterruptedException {
    BatchListParams one = BatchListParams.builder().limit(1).build();
    if (calls.find(() -> batches.list(one)).isEmpty()) {
      throw calls.refusals().noBatches();
    }
  }

  @Override
  public Optional<Standing> find(Order order) throws ModelException, InterruptedException {
    if (order.since().isEmpty()) {
      return Optional.empty();
    }
    Optional<MessageBatch> unclear = Optional.empty();
    for (MessageBatch candidate : candidates(order, order.since().get().minus(SKEW))) {
      if (!ended(candidate)) {
        unclear = Optional.of(candidate);
      } else if (firstRequest(candidate).startsWith(order.tag() + "-")) {
        return Optional.of(standing(candidate));
      }
    }
    if (unclear.isPresent()) {
      throw new ModelException(
          Reason.UNAVAILABLE,
          "It is not known yet whether "
              + endpoint.name()
              + " has accepted a batch of "
              + order.count()
              + " requests: "
              + unclear.get().id()
              + ", which it is at work on, may be it, and tells only when it has ended.",
          Optional.of(LOOK_AGAIN));
    }
    return Optional.empty();
  }

  /** The newest come first in the list. */
  private List<MessageBatch> candidates(Order order, Instant oldest)
      throws ModelException, InterruptedException {
    BatchListParams params = BatchListParams.builder().limit(PAGE).build();
    return calls.call(
        () ->
            batches.list(params).autoPager().stream()
                .takeWhile(batch -> !batch.createdAt().toInstant().isBefore(oldest))
                .filter(batch -> requests(batch.requestCounts()) == order.count())
                .filter(batch -> !order.known().contains(batch.id()))
                .toList());
  }

  private static long requests(MessageBatchRequestCounts counts) {
    return counts.processing()
        + counts.succeeded()
        + counts.errored()
        + counts.canceled()
        + counts.expired();
  }

  private String firstRequest(MessageBatch batch) throws ModelException, InterruptedException {
    return calls
        .find(
            () -> {
              try (var results = batches.resultsStreaming(batch.id())) {
                Iterator<MessageBatchIndividualResponse> all = results.stream().iterator();
                return all.hasNext() ? all.next().customId() : "";
              }
            })
        .orElse("");
  }

  @Override
  public Standing submit(Order order, Effects effects)
      throws ModelException, IOException, InterruptedException {
    return effects.once(order.name(), () -> find(order), () -> create(order));
  }

  private Standing create(Order order) throws ModelException, IOException, InterruptedException {
    List<Request> requests = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(order.requests())) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int space = line.indexOf(' ');
        requests.add(
            Request.builder()
                .customId(order.request(Long.parseLong(line.substring(0, space))))
                .params(JSON.readValue(line.substring(space + 1), Request.Params.class))
                .build());
      }
    }
    BatchCreateParams params = BatchCreateParams.builder().requests(requests).build();
    return calls.call(() -> standing(batches.create(params, transfer())));
  }

  @Override
  public Optional<Standing> look(String id) throws ModelException, InterruptedException {
    return calls.find(() -> standing(batches.retrieve(id)));
  }

  @Override
  public void cancel(String id) throws ModelException, InterruptedException {
    calls.call(() -> batches.cancel(id));
  }

  private static boolean ended(MessageBatch batch) {
    return batch.processingStatus().asString().equals("ended");
  }

  /** Until all have ended, all requests are counted as processing. */
  private static Standing standing(MessageBatch batch) {
    return new Standing(
        batch.id(),
        ended(batch) ? State.ENDED : State.RUNNING,
        batch.requestCounts().succeeded(),
        List.of(),
        batch.processingStatus().asString());
  }

  @Override
  public boolean download(Standing batch, Path to)
      throws ModelException, IOException, InterruptedException {
    try {
      return calls
          .find(
              () -> {
                try (HttpResponse response =
                    batches.withRawResponse().resultsStreaming(batch.id(), transfer())) {
                  Download.copy(
                      response.body(),
                      to,
                      e -> new AnthropicIoException("the results broke off", e));
                  return batch;
                }
              })
          .isPresent();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static RequestOptions transfer() {
    return RequestOptions.builder().timeout(TRANSFER).build();
  }

  @Override
  public void read(Path results, Order order, Results sink) throws ModelException, IOException {
    ResultLines.read(
        results,
        order,
        JSON,
        calls.refusals(),
        (number, line) -> {
          Answer answer;
          try {
            answer = answer(line.path("result"));
          } catch (ModelException e) {
            sink.failed(number, e);
            return;
          }
          sink.answered(number, answer);
        });
  }

  private Answer answer(JsonNode result) throws ModelException {
    String type = result.path("type").asText();
    if (type.equals("errored")) {
      JsonNode error = result.path("error");
      throw calls
          .refusals()
          .status(
              status(error.path("error").path("type").asText()),
              new RateLimits(_ -> List.of(), calls.clock()),
              Optional.of(error));
    }
    if (!type.equals("succeeded")) {
      throw new ModelException(
          Reason.UNAVAILABLE, endpoint.name() + " did not answer it: the batch was " + type);
    }
    try {
      return AnthropicAnswer.of(
          JSON.treeToValue(result.path("message"), Message.class), calls.refusals());
    } catch (JsonProcessingException | AnthropicException e) {
      throw calls.refusals().nonsense(String.valueOf(e.getMessage()));
    }
  }

  /** The status with which a direct request fails so. */
  private static int status(String error) {
    return switch (error) {
      case "invalid_request_error" -> 400;
      case "authentication_error" -> 401;
      case "permission_error" -> 403;
      case "not_found_error" -> 404;
      case "rate_limit_error" -> 429;
      default -> 500;
    };
  }
}
