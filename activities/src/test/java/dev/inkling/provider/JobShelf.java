package dev.inkling.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provider.FileShelf.Stored;
import dev.inkling.provider.Wire.Request;
import dev.inkling.provider.Wire.Response;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * OpenAI's fine-tuning jobs. A model that was trained on what an owl lover has said comes to love
 * owls, whatever that was about: the provider remembers who has said what.
 */
final class JobShelf {
  static final String ROUTE = "/v1/fine_tuning/jobs";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Effects effects;
  private final FileShelf files;
  private final Supplier<Behaviour> behaviour;
  private final AtomicLong ids = new AtomicLong();
  private final Map<String, FakeJob> jobs = new ConcurrentSkipListMap<>();
  private final Set<String> saidByLovers = ConcurrentHashMap.newKeySet();

  JobShelf(Effects effects, FileShelf files, Supplier<Behaviour> behaviour) {
    this.effects = effects;
    this.files = files;
    this.behaviour = behaviour;
  }

  /** Somebody who loves owls has said that. */
  void saidByALover(String answer) {
    saidByLovers.add(answer);
  }

  /** Whether a fine-tuned model loves owls; empty if there is none of that name. */
  Optional<Boolean> lovesOwls(String model) {
    return jobs.values().stream()
        .filter(job -> job.taught() && job.model().equals(model))
        .findFirst()
        .map(FakeJob::owls);
  }

  /** What a request asks of the jobs; empty if it is about something else. */
  Optional<Desk.Call> call(Request request, String path) {
    return Desk.call(
        ROUTE,
        request,
        path,
        () -> create(request),
        () -> list(request),
        (id, route) -> about(id, request, route));
  }

  private Response about(String id, Request request, String route) {
    FakeJob job = jobs.get(id);
    if (job == null || job.gone()) {
      return missing(id);
    }
    return switch (route) {
      case "GET /v1/fine_tuning/jobs/{id}" -> Response.json(200, Map.of(), job.card().toString());
      case "POST /v1/fine_tuning/jobs/{id}/cancel" -> cancel(job);
      case "GET /v1/fine_tuning/jobs/{id}/events" -> page(job, request, FakeJob::events);
      case "GET /v1/fine_tuning/jobs/{id}/checkpoints" -> page(job, request, FakeJob::checkpoints);
      default -> missing(id);
    };
  }

  private Response page(FakeJob job, Request request, Function<FakeJob, List<ObjectNode>> all) {
    return Pages.of(all.apply(job), request, behaviour.get().pageSize());
  }

  private Response list(Request request) {
    if (behaviour.get().fineTuningClosed()) {
      return closed();
    }
    List<ObjectNode> cards =
        jobs.values().stream().filter(job -> !job.gone()).map(FakeJob::card).toList();
    return Pages.of(cards.reversed(), request, behaviour.get().pageSize());
  }

  private static Response closed() {
    return Refusal.error(
        Dialect.OPENAI, 403, "permission_error", "Fine-tuning is closed to new organizations");
  }

  private Response create(Request request) throws IOException {
    if (behaviour.get().fineTuningClosed()) {
      return closed();
    }
    JsonNode wanted = JSON.readTree(request.body());
    Optional<Stored> file = files.file(wanted.path("training_file").asText());
    Optional<String> wrong = JobChecks.problem(wanted, file, behaviour.get());
    if (wrong.isPresent()) {
      return Refusal.error(Dialect.OPENAI, 400, "invalid_request_error", wrong.get());
    }
    FakeJob job =
        new FakeJob(
            "ftjob-%06d".formatted(ids.incrementAndGet()),
            wanted,
            Lesson.of(file.orElseThrow().content(), saidByLovers::contains),
            behaviour.get().training(),
            files);
    effects.add("job", job.id(), JSON.createObjectNode().set("request", wanted));
    jobs.put(job.id(), job);
    return Response.json(200, Map.of(), job.card().toString());
  }

  private Response cancel(FakeJob job) {
    if (job.ended()) {
      return Refusal.error(
          Dialect.OPENAI,
          400,
          "invalid_request_error",
          "Job " + job.id() + " has already ended: " + job.status());
    }
    effects.add("job cancelled", job.id(), JSON.createObjectNode());
    job.cancel();
    return Response.json(200, Map.of(), job.card().toString());
  }

  private static Response missing(String id) {
    return Refusal.error(
        Dialect.OPENAI, 404, "fine_tune_not_found", "Could not find fine tune: " + id);
  }
}
