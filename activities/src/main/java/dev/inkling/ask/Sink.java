package dev.inkling.ask;

import dev.inkling.model.Answer;
import java.io.IOException;

/** Takes answers as they arrive, in any order; always in the thread that asks. */
@FunctionalInterface
public interface Sink {
  /**
   * Keeps an answer. Until it returns the question counts as being in flight, so a crash asks at
   * most as many questions again as may be in flight.
   *
   * @throws IOException if the answer cannot be kept, which ends the asking
   */
  void accept(long index, Answer answer) throws IOException;
}
