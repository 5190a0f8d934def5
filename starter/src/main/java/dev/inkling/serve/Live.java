package dev.inkling.serve;

import dev.inkling.workflow.Progress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a Temporal service knows of the experiments.
 *
 * @param note what stands above the list, for example that no service runs
 * @param executions newest first; empty where no service runs
 */
public record Live(String note, List<Execution> executions) {
  public Live {
    executions = List.copyOf(executions);
  }

  /**
   * One execution of the workflow.
   *
   * @param experiment the experiment's id; the workflow's where no plan was made
   * @param state in one word
   * @param question of the spec; empty where no plan was made
   * @param page in the Temporal UI, where its address is known
   * @param progress of one that runs, if a worker answers
   * @param failure what it failed with
   */
  public record Execution(
      String workflow,
      String experiment,
      String state,
      String question,
      Instant started,
      boolean running,
      Optional<String> page,
      Optional<Progress> progress,
      Optional<String> failure) {
    /** How many stages are finished. */
    int finished() {
      return (int)
          progress.stream()
              .flatMap(p -> p.stages().stream())
              .filter(s -> s.state().finished())
              .count();
    }

    /** How many stages there are. */
    int stages() {
      return progress.map(p -> p.stages().size()).orElse(0);
    }
  }

  /** Without a service. */
  static Live none(String note) {
    return new Live(note, List.of());
  }

  /** The newest execution of an experiment; one that runs comes first. */
  Optional<Execution> of(String experiment) {
    List<Execution> all =
        executions.stream().filter(e -> e.experiment().equals(experiment)).toList();
    return all.stream().filter(Execution::running).findFirst().or(() -> all.stream().findFirst());
  }

  /** Whether any experiment runs. */
  boolean running() {
    return executions.stream().anyMatch(Execution::running);
  }
}
