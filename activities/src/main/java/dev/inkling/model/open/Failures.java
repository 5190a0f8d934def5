package dev.inkling.model.open;

import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import java.util.Optional;

/** What is said where a model of one's own gives no answer. */
final class Failures {
  private Failures() {}

  static ModelException closed() {
    return new ModelException(
        Reason.UNAVAILABLE, "the model was closed before it answered; open it and ask again");
  }

  /** What nobody can go on after: an error of Java's or of this code. Asking again is in vain. */
  static ModelException broken(Throwable cause) {
    String next =
        cause instanceof OutOfMemoryError
            ? " Java's heap (%d MiB) is too small: give it more, as in INKLING_JAVA_OPTIONS=-Xmx2g."
                .formatted(Runtime.getRuntime().maxMemory() / (1 << 20))
            : "";
    return new ModelException(
        Reason.REFUSED,
        "the model came to its end while it answered: "
            + cause
            + "."
            + next
            + " The answers so far are kept; run the same command again to go on",
        Optional.empty(),
        cause);
  }

  /** Anything that torch or this code did not expect. */
  static ModelException failed(Throwable cause) {
    return new ModelException(
        Reason.UNAVAILABLE,
        "the model failed while it answered: "
            + cause
            + ". What was under way has to be asked again",
        Optional.empty(),
        cause);
  }

  static ModelException longerThanContext(int tokens, int context) {
    return new ModelException(
        Reason.REFUSED,
        "the question has %,d tokens, and with its answer more than the model's context of %,d. Shorten it"
            .formatted(tokens, context));
  }

  static ModelException tooLong(int tokens, int length, Room room) {
    return new ModelException(
        Reason.REFUSED,
        "a question and its answer of up to %,d tokens need %,d bytes for keys and values, and there are %,d. Give more memory, or ask for less: a smaller maxTokens"
            .formatted(tokens, room.positionBytes() * (length + 1), room.bytes()));
  }

  static ModelException exhausted(Room room, Throwable cause) {
    return new ModelException(
        Reason.REFUSED,
        "the device's memory does not suffice, also with %d answers at once and %,d bytes for keys and values. Give less memory to keys and values, ask for shorter answers, or take a larger device. The device said: %s"
            .formatted(room.slots(), room.bytes(), cause.getMessage()),
        Optional.empty(),
        cause);
  }

  /** A notice, not a failure. */
  static String halved(Room before, Room after, int again) {
    return "the device's memory did not suffice for %d answers at once; from now on there are %d, and %d that were under way begin again"
        .formatted(before.slots(), after.slots(), again);
  }
}
