package dev.inkling.stage;

import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Store;
import dev.inkling.plan.Stage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Everything a stage needs.
 *
 * @param inputs the input artifacts, by role
 * @param checkpointEvery how often work in progress is saved
 * @param caller for whom the stage is made
 */
public record StageContext(
    Stage stage,
    Map<String, Artifact> inputs,
    Store.Work work,
    Monitor monitor,
    Duration checkpointEvery,
    Caller caller) {
  public StageContext {
    inputs = Map.copyOf(inputs);
  }

  /** The input artifact in a role, which the plan put there. */
  public Artifact input(String role) {
    return find(role)
        .orElseThrow(
            () -> new IllegalStateException(stage.name() + " has no input '" + role + "'"));
  }

  /** The input artifact in a role, if there is one. */
  public Optional<Artifact> find(String role) {
    return Optional.ofNullable(inputs.get(role));
  }

  /** Where a file of the artifact is written. */
  public Path output(String file) {
    return work.output().resolve(file);
  }
}
