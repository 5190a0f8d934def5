package dev.inkling.ask;

import dev.inkling.model.ModelException;
import dev.inkling.model.Reply;
import org.jspecify.annotations.Nullable;

/** The line to a model, and the only place where time passes. */
interface Line extends AutoCloseable {
  /** The time, in nanoseconds since any moment; it never goes back. */
  long nanos();

  /** Sends a request, at once. */
  void send(Pending pending);

  /**
   * What comes back next, or null if nothing does for so long.
   *
   * @param nanos 0 for what has come already
   */
  @Nullable Heard await(long nanos) throws InterruptedException;

  /** Gives up whatever is still under way. */
  @Override
  void close();

  /** What became of a request. */
  record Heard(Pending pending, Result result) {}

  /** Exactly one of these comes back for each request. */
  sealed interface Result {
    /** An answer. */
    record Answered(Reply reply) implements Result {}

    /** None, for a reason that the provider or the way to it gave. */
    record Failed(ModelException why) implements Result {}

    /** None, for a defect in the model's client. */
    record Broke(Throwable why) implements Result {}
  }
}
