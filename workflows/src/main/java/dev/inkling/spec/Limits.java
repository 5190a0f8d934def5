package dev.inkling.spec;

/** How large an experiment may be. Each bound is well inside one of Temporal's, which is final. */
public final class Limits {
  /**
   * Each stage writes about seven events into the experiment's history; Temporal warns from 10,240
   * on and ends the workflow at 51,200, retries included.
   */
  public static final int STAGES = 1500;

  /** A spec in bytes; it is the workflow's input, and Temporal warns from 512 KiB on. */
  public static final int SPEC_BYTES = 256 * 1024;

  /**
   * A plan as JSON in bytes; it passes through the history, which takes 2 MiB at once, frame
   * included.
   */
  public static final int PLAN_BYTES = 1_900_000;

  /** A question in characters: it is a heading. */
  public static final int QUESTION = 300;

  private Limits() {}
}
