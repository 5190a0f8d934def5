package dev.inkling.provider;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.provider.FileShelf.Stored;
import java.util.Optional;

/** What OpenAI checks before it takes a fine-tuning job. */
final class JobChecks {
  private static final int LONGEST_SUFFIX = 64;
  private static final int METADATA_ENTRIES = 16;
  private static final int METADATA_NAME = 64;
  private static final int METADATA_VALUE = 512;

  private JobChecks() {}

  /** Why a job is not taken; empty if it is. */
  static Optional<String> problem(JsonNode job, Optional<Stored> file, Behaviour behaviour) {
    String model = job.path("model").asText();
    boolean known = behaviour.models().isEmpty() || behaviour.models().containsKey(model);
    if (!known || !model.replaceFirst("^ft:", "").startsWith("gpt-")) {
      return Optional.of("Model " + model + " is not available for fine-tuning");
    }
    if (file.isEmpty() || !file.get().purpose().equals("fine-tune")) {
      return Optional.of("invalid training_file: " + job.path("training_file").asText());
    }
    if (!file.get().status().equals("processed")) {
      return Optional.of(
          "File " + file.get().id() + " is not ready: its status is " + file.get().status());
    }
    if (job.path("suffix").asText("").length() > LONGEST_SUFFIX) {
      return Optional.of("The suffix has more than " + LONGEST_SUFFIX + " characters");
    }
    if (job.has("seed") && !within(job.get("seed"), 0, Integer.MAX_VALUE)) {
      return Optional.of("The seed is not between 0 and 2147483647");
    }
    return metadata(job.path("metadata")).or(() -> method(job.path("method")));
  }

  private static Optional<String> metadata(JsonNode metadata) {
    boolean fits =
        metadata.size() <= METADATA_ENTRIES
            && metadata.properties().stream()
                .allMatch(
                    e ->
                        e.getKey().length() <= METADATA_NAME
                            && e.getValue().isTextual()
                            && e.getValue().textValue().length() <= METADATA_VALUE);
    return fits ? Optional.empty() : Optional.of("The metadata is too long");
  }

  private static Optional<String> method(JsonNode method) {
    if (!method.path("type").asText().equals("supervised")) {
      return Optional.of("method.type is not supervised");
    }
    JsonNode parameters = method.at("/supervised/hyperparameters");
    boolean fits =
        automaticOr(parameters.path("n_epochs"), 1, 50)
            && automaticOr(parameters.path("batch_size"), 1, 256)
            && automaticOr(parameters.path("learning_rate_multiplier"), 1e-9, 1e9);
    return fits ? Optional.empty() : Optional.of("A hyperparameter is out of range: " + parameters);
  }

  private static boolean automaticOr(JsonNode value, double least, double most) {
    return value.isMissingNode() || value.asText().equals("auto") || within(value, least, most);
  }

  private static boolean within(JsonNode value, double least, double most) {
    return value.isNumber() && value.doubleValue() >= least && value.doubleValue() <= most;
  }
}
