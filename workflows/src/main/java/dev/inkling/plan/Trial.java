package dev.inkling.plan;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A condition at the experiment's seeds: all its models train together in one tensor.
 *
 * @param finetune the key of the stage that fine-tunes the student, if it is fine-tuned
 * @param evaluations the keys of the stages that evaluate the student, by metric
 */
public record Trial(String condition, Optional<String> finetune, Map<String, String> evaluations) {
  public Trial {
    evaluations = Collections.unmodifiableMap(new LinkedHashMap<>(evaluations));
  }
}
