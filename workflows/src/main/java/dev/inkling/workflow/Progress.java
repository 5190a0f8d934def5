package dev.inkling.workflow;

import java.util.List;

/** Where an experiment stands, as the query {@code progress} tells it. */
public record Progress(String experiment, String state, List<StageProgress> stages) {
  /** The state in which an experiment waits for a larger budget. */
  public static final String PARKED = "Parked";

  public Progress {
    stages = List.copyOf(stages);
  }

  /**
   * Where a stage stands.
   *
   * @param activity the stage's kind
   * @param state what people read
   * @param summary the outcome in one line; empty until it is done
   */
  public record StageProgress(
      String key, String activity, String name, State state, String summary) {}

  /** The life of a stage. */
  public enum State {
    WAITING("waiting"),
    RUNNING("running"),
    DONE("done"),
    REUSED("reused"),
    FAILED("failed");

    private final String word;

    State(String word) {
      this.word = word;
    }

    /** How people read it. */
    public String word() {
      return word;
    }

    /** Whether the artifact is there. */
    public boolean finished() {
      return this == DONE || this == REUSED;
    }
  }
}
