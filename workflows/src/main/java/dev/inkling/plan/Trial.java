package dev.inkling.plan;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A condition at some of the experiment's seeds: all its models train together in one tensor.
 *
 * @param added the seeds, if they were added to the experiment later
 * @param finetune the key of the stage that fine-tunes the student, if it is fine-tuned
 * @param evaluations the keys of the stages that evaluate the student, by metric
 */
public record Trial(
    String condition,
    List<Long> added,
    Optional<String> finetune,
    Map<String, String> evaluations) {
  public Trial {
    // Histories from before seeds could be added have none.
    added = added == null ? List.of() : List.copyOf(added);
    evaluations = Collections.unmodifiableMap(new LinkedHashMap<>(evaluations));
  }

  /** What people call it. */
  public String label() {
    return condition + suffix(added);
  }

  /** What tells stages of seeds that were added from those of the first ones. */
  static String suffix(List<Long> added) {
    return added.isEmpty()
        ? ""
        : " + " + added.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }
}
