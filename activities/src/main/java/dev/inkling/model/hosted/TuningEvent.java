package dev.inkling.model.hosted;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Something that happened to a fine-tuning job.
 *
 * @param json all that the provider says of it
 */
public record TuningEvent(String id, String message, Optional<Step> step, JsonNode json) {
  /**
   * A step of the training.
   *
   * @param total how many steps there will be, where the provider says so
   */
  public record Step(long number, Optional<Long> total, Optional<Double> loss) {}
}
