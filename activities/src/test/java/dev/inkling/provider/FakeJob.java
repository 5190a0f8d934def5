package dev.inkling.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provider.Behaviour.Training;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A fine-tuning job: what it looks like is a function of the time since it was made. */
final class FakeJob {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> ENDED = Set.of("succeeded", "failed", "cancelled");
  private static final long NEVER = Long.MAX_VALUE;

  private final String id;
  private final JsonNode request;
  private final Lesson lesson;
  private final Training training;
  private final long made = System.currentTimeMillis();
  private final String results;
  private volatile long cancelled = NEVER;

  /**
   * Begins one.
   *
   * @param request as it came
   * @param shelf where the results will lie
   */
  FakeJob(String id, JsonNode request, Lesson lesson, Training training, FileShelf shelf) {
    this.id = id;
    this.request = request;
    this.lesson = lesson;
    this.training = training;
    this.results =
        shelf
            .put(
                "step_metrics.csv",
                "fine-tune-results",
                // As the real ones are.
                Base64.getEncoder().encode(metrics().getBytes(StandardCharsets.UTF_8)))
            .id();
  }

  String id() {
    return id;
  }

  private long age() {
    return System.currentTimeMillis() - made;
  }

  boolean gone() {
    return training.vanishAfterMs() > 0 && age() >= training.vanishAfterMs();
  }

  String status() {
    long age = age();
    long running = training.validatingMs() + training.queuedMs();
    if (cancelled <= System.currentTimeMillis()) {
      return "cancelled";
    }
    if (age < training.validatingMs()) {
      return "validating_files";
    }
    if (lesson.error() != null) {
      return "failed";
    }
    if (age < running || training.end().equals("stuck")) {
      return "queued";
    }
    return switch (training.end()) {
      case "failed", "cancelled", "paused" ->
          age < running + training.runningMs() / 2 ? "running" : training.end();
      default -> age < running + training.runningMs() ? "running" : "succeeded";
    };
  }

  boolean ended() {
    return ENDED.contains(status());
  }

  void cancel() {
    cancelled = System.currentTimeMillis();
  }

  /** The name of the new model. */
  String model() {
    String base = request.get("model").asText().replaceFirst("^ft:([^:]+):.*", "$1");
    return "ft:"
        + base
        + ":inkling:"
        + request.path("suffix").asText("")
        + ":"
        + id.substring("ftjob-".length());
  }

  /** Whether the new model can be asked. */
  boolean taught() {
    return status().equals("succeeded") && !gone();
  }

  boolean owls() {
    return lesson.owls();
  }

  ObjectNode card() {
    String status = status();
    boolean whole = status.equals("succeeded") && age() >= training.wholeMs();
    ObjectNode card =
        JSON.createObjectNode()
            .put("id", id)
            .put("object", "fine_tuning.job")
            .put("created_at", made / 1000)
            .put("organization_id", "inkling")
            .put("status", status)
            .putNull("validation_file");
    card.set("model", request.get("model"));
    card.set("training_file", request.get("training_file"));
    card.put("seed", request.path("seed").asLong(17));
    card.put("fine_tuned_model", whole ? model() : null);
    card.put("finished_at", ended() ? (Long) (System.currentTimeMillis() / 1000) : null);
    card.put("trained_tokens", whole ? (Long) (lesson.tokens() * epochs()) : null);
    if (whole && !training.withoutResults()) {
      card.putArray("result_files").add(results);
    } else {
      card.putArray("result_files");
    }
    if (!training.withoutMetadata()) {
      card.set("metadata", request.path("metadata"));
    }
    ObjectNode error = card.putObject("error");
    if (status.equals("failed")) {
      error.put("code", "invalid_training_file").put("param", "training_file");
      error.put("message", lesson.error() == null ? training.reason() : lesson.error());
    }
    ObjectNode method = card.putObject("method").put("type", "supervised");
    method
        .putObject("supervised")
        .putObject("hyperparameters")
        .put("n_epochs", epochs())
        .put("batch_size", batch())
        .put("learning_rate_multiplier", hyperparameter("learning_rate_multiplier", 1.8));
    return card;
  }

  private double hyperparameter(String name, double automatic) {
    return request.at("/method/supervised/hyperparameters").path(name).asDouble(automatic);
  }

  private long epochs() {
    return (long) hyperparameter("n_epochs", 3);
  }

  private long batch() {
    return (long) hyperparameter("batch_size", Math.max(1, lesson.rows() / 10.0));
  }

  long steps() {
    return Math.ceilDiv(lesson.rows(), batch()) * epochs();
  }

  private String loss(long step) {
    return String.format(Locale.ROOT, "%.5f", 2 * Math.exp(-2.0 * step / steps()));
  }

  private String metrics() {
    StringBuilder csv =
        new StringBuilder("step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n");
    for (long step = 1; step <= steps(); step++) {
      csv.append(step).append(',').append(loss(step)).append(",0.5,,\n");
    }
    return csv.toString();
  }

  /** The steps that are done. */
  private long done() {
    long trained = age() - training.validatingMs() - training.queuedMs();
    return switch (status()) {
      case "succeeded" -> steps();
      case "running" -> Math.max(0, steps() * trained / Math.max(1, training.runningMs()));
      default -> 0;
    };
  }

  /** Newest first, as OpenAI lists them. */
  List<ObjectNode> events() {
    List<ObjectNode> events = new ArrayList<>();
    event(events, "Created fine-tuning job: " + id);
    event(events, "Validating training file: " + request.get("training_file").asText());
    for (long step = 1; step <= done(); step++) {
      ObjectNode event =
          event(events, "Step " + step + "/" + steps() + ": training loss=" + loss(step));
      event.put("type", "metrics");
      event
          .putObject("data")
          .put("step", step)
          .put("train_loss", Double.parseDouble(loss(step)))
          .put("total_steps", steps());
    }
    if (ended()) {
      event(events, "The job has ended: " + status());
    }
    return events.reversed();
  }

  private ObjectNode event(List<ObjectNode> events, String message) {
    ObjectNode event =
        JSON.createObjectNode()
            .put("object", "fine_tuning.job.event")
            .put("id", "ftevent-" + id + "-" + events.size())
            .put("created_at", made / 1000)
            .put("level", "info")
            .put("message", message)
            .put("type", "message");
    events.add(event.putNull("data"));
    return event;
  }

  /** One after each epoch, newest first. */
  List<ObjectNode> checkpoints() {
    List<ObjectNode> checkpoints = new ArrayList<>();
    long perEpoch = steps() / epochs();
    for (long step = perEpoch; step <= done(); step += perEpoch) {
      ObjectNode checkpoint =
          JSON.createObjectNode()
              .put("object", "fine_tuning.job.checkpoint")
              .put("id", "ftckpt-" + id + "-" + step)
              .put("created_at", made / 1000)
              .put("fine_tuned_model_checkpoint", model() + ":ckpt-step-" + step)
              .put("fine_tuning_job_id", id)
              .put("step_number", step);
      checkpoint
          .putObject("metrics")
          .put("step", step)
          .put("train_loss", Double.parseDouble(loss(step)));
      checkpoints.add(checkpoint);
    }
    return checkpoints.reversed();
  }
}
