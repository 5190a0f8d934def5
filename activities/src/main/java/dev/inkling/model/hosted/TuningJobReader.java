package dev.inkling.model.hosted;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.model.hosted.TuningJob.Status;
import java.time.Instant;
import java.util.Optional;

/** Reads a fine-tuning job as OpenAI writes it; whatever is missing or {@code "auto"} is empty. */
final class TuningJobReader {
  private TuningJobReader() {}

  static TuningJob read(JsonNode job) {
    JsonNode method = job.at("/method/supervised/hyperparameters");
    // Where it stood before there were methods, and still stands in OpenAI's answers too.
    JsonNode parameters = method.isObject() ? method : job.path("hyperparameters");
    String status = job.path("status").asText("");
    return new TuningJob(
        job.path("id").asText(),
        Status.of(status),
        status,
        job.path("model").asText(""),
        text(job.path("fine_tuned_model")),
        job.path("training_file").asText(""),
        text(job.at("/error/message")),
        Instant.ofEpochSecond(job.path("created_at").asLong()),
        whole(job.path("finished_at")).map(Instant::ofEpochSecond),
        whole(job.path("trained_tokens")),
        job.path("result_files").valueStream().map(JsonNode::asText).toList(),
        whole(parameters.path("n_epochs")).map(Math::toIntExact),
        whole(parameters.path("batch_size")).map(Math::toIntExact),
        number(parameters.path("learning_rate_multiplier")),
        whole(job.path("seed")));
  }

  private static Optional<String> text(JsonNode value) {
    return Optional.of(value.asText("")).filter(t -> value.isTextual() && !t.isEmpty());
  }

  static Optional<Long> whole(JsonNode value) {
    return value.isNumber() ? Optional.of(value.longValue()) : Optional.empty();
  }

  static Optional<Double> number(JsonNode value) {
    return value.isNumber() ? Optional.of(value.doubleValue()) : Optional.empty();
  }
}
