package dev.inkling.model.hosted;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.core.ObjectMappers;
import com.openai.errors.OpenAIException;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.batches.BatchError;
import com.openai.models.batches.BatchListParams;
import com.openai.models.batches.BatchRequestCounts;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.services.blocking.BatchService;
import dev.inkling.model.Answer;
import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.Question;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Batches of chat completions. The requests are uploaded as a file; file and batch bear our tag, so
 * whatever was made without our hearing of it is found by that.
 */
final class OpenAiBatches implements Batches {
  private static final ObjectMapper JSON = ObjectMappers.jsonMapper();
  private static final String TAG = "inkling";

  /** The largest page of the list. */
  private static final long PAGE = 100;

  /** After this time results are deleted: an older batch answers nobody. */
  private static final Duration KEPT = Duration.ofDays(30);

  private final BatchService batches;
  private final OpenAiFiles files;
  private final String model;
  private final Endpoint endpoint;
  private final OpenAiCalls calls;

  OpenAiBatches(
      BatchService batches, OpenAiFiles files, String model, Endpoint endpoint, OpenAiCalls calls) {
    this.batches = batches;
    this.files = files;
    this.model = model;
    this.endpoint = endpoint;
    this.calls = calls;
  }

  @Override
  public byte[] body(Question question) {
    try {
      return JSON.writeValueAsBytes(OpenAiRequest.of(model, question, endpoint.openAi())._body());
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
    long oldest = Instant.now(calls.clock()).minus(KEPT).getEpochSecond();
    BatchListParams params = BatchListParams.builder().limit(PAGE).build();
    return calls.call(
        () ->
            batches.list(params).autoPager().stream()
                .takeWhile(batch -> batch.createdAt() >= oldest)
                .filter(batch -> tag(batch).equals(order.tag()))
                .map(OpenAiBatches::standing)
                .filter(OpenAiBatches::worthAdopting)
                .findFirst());
  }

  private static String tag(Batch batch) {
    return batch
        .metadata()
        .flatMap(m -> Optional.ofNullable(m._allProperties().get(TAG)))
        .map(value -> value.convert(String.class))
        .orElse("");
  }

  /** One that ended without an answer has cost nothing and gives nothing. */
  private static boolean worthAdopting(Standing batch) {
    return switch (batch.state()) {
      case RUNNING -> true;
      case ENDED -> batch.answered() > 0;
      case FAILED, CROWDED -> false;
    };
  }

  @Override
  public Standing submit(Order order, Effects effects)
      throws ModelException, IOException, InterruptedException {
    String name = "inkling-" + order.tag() + ".jsonl";
    StoredFile file =
        effects.once(
            name, () -> files.find(name, OpenAiFiles.Purpose.BATCH), () -> upload(order, name));
    return effects.once(order.name(), () -> find(order), () -> create(order, file.id()));
  }

  private StoredFile upload(Order order, String name)
      throws ModelException, IOException, InterruptedException {
    try (InputStream lines = new OpenAiRequestLines(order)) {
      return files.upload(lines, name, OpenAiFiles.Purpose.BATCH);
    }
  }

  private Standing create(Order order, String file) throws ModelException, InterruptedException {
    BatchCreateParams params =
        BatchCreateParams.builder()
            .inputFileId(file)
            .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
            .completionWindow(BatchCreateParams.CompletionWindow._24H)
            .metadata(BatchCreateParams.Metadata.builder().putProperty(TAG, order.tag()).build())
            .build();
    return calls.call(() -> standing(batches.create(params)));
  }

  @Override
  public Optional<Standing> look(String id) throws ModelException, InterruptedException {
    return calls.find(() -> standing(batches.retrieve(id)));
  }

  @Override
  public void cancel(String id) throws ModelException, InterruptedException {
    calls.call(() -> batches.cancel(id));
  }

  private static Standing standing(Batch batch) {
    String status = batch.status().asString();
    List<BatchError> errors = batch.errors().flatMap(Batch.Errors::data).orElse(List.of());
    return new Standing(
        batch.id(),
        switch (status) {
          case "completed", "expired", "cancelled" -> State.ENDED;
          case "failed" ->
              errors.stream().anyMatch(e -> e.code().orElse("").equals("token_limit_exceeded"))
                  ? State.CROWDED
                  : State.FAILED;
          default -> State.RUNNING;
        },
        batch.requestCounts().map(BatchRequestCounts::completed).orElse(0L),
        Stream.of(batch.outputFileId(), batch.errorFileId()).flatMap(Optional::stream).toList(),
        errors.stream().flatMap(e -> e.message().stream()).findFirst().orElse(status));
  }

  @Override
  public boolean download(Standing batch, Path to)
      throws ModelException, IOException, InterruptedException {
    Files.write(to, new byte[0]);
    Path part = to.resolveSibling(to.getFileName() + ".part");
    for (String file : batch.files()) {
      if (!files.content(file, part)) {
        return false;
      }
      try (OutputStream all = Files.newOutputStream(to, StandardOpenOption.APPEND)) {
        Files.copy(part, all);
        all.write("\n".getBytes(UTF_8));
      }
      Files.delete(part);
    }
    return true;
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
            answer = answer(line);
          } catch (ModelException e) {
            sink.failed(number, e);
            return;
          }
          sink.answered(number, answer);
        });
  }

  private Answer answer(JsonNode line) throws ModelException {
    JsonNode response = line.path("response");
    int status = response.path("status_code").asInt();
    if (status == 0) {
      JsonNode error = line.path("error");
      throw new ModelException(
          Reason.UNAVAILABLE,
          endpoint.name() + " did not answer it: " + error.path("message").asText("no reason"));
    }
    if (status >= 400) {
      throw calls
          .refusals()
          .status(
              status,
              new RateLimits(_ -> List.of(), calls.clock()),
              Optional.of(response.path("body")));
    }
    try {
      return OpenAiAnswer.of(
          JSON.treeToValue(response.path("body"), ChatCompletion.class), calls.refusals());
    } catch (JsonProcessingException | OpenAIException e) {
      throw calls.refusals().nonsense(String.valueOf(e.getMessage()));
    }
  }
}
