package dev.inkling.plan;

import dev.inkling.spec.ExperimentSpec;
import java.util.List;
import java.util.Optional;

/**
 * A spec resolved into everything that will be done.
 *
 * @param id the experiment's identity: its name and the beginning of its spec's hash
 * @param preset the preset that the spec started from
 * @param stages every distinct stage, each after its inputs
 * @param trials one for each condition, in the order of the spec
 * @param reportKey the key of the report's artifact
 */
public record Plan(
    String id,
    Optional<String> preset,
    ExperimentSpec spec,
    List<Stage> stages,
    List<Trial> trials,
    String reportKey) {
  public Plan {
    stages = List.copyOf(stages);
    trials = List.copyOf(trials);
  }

  /** Whether language models are asked, which may cost money. */
  public boolean asksModels() {
    return stages.stream().anyMatch(s -> !s.models().isEmpty());
  }

  /** The stage with a key. */
  public Stage stage(String key) {
    return stages.stream()
        .filter(s -> s.key().equals(key))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no stage " + key));
  }
}
