package dev.inkling.hub;

import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** What goes wrong with one request. */
public sealed interface Fault {
  /** Another answer than the right one; nothing is done. */
  record Says(int status, Map<String, String> headers, String body) implements Fault {
    public Says(int status) {
      this(status, Map.of(), "{\"error\": \"status " + status + "\"}");
    }
  }

  /** The connection ends after so many bytes of the body. */
  record DropAfter(int bytes) implements Fault {}

  /** The connection ends before the answer, and what was asked for is done. */
  record AnswerLost() implements Fault {}

  /** The whole file comes, whatever part was asked for. */
  record IgnoresRange() implements Fault {}

  /** One byte is another. */
  record WrongByte() implements Fault {}

  /**
   * Nothing comes after so many bytes, until the connection is gone or the test lets it go on.
   *
   * @param reached counted down when they are sent, or for a request when it has come
   * @param goOn awaited
   */
  record Holds(int bytes, CountDownLatch reached, CountDownLatch goOn) implements Fault {
    public Holds(int bytes) {
      this(bytes, new CountDownLatch(1), new CountDownLatch(1));
    }
  }
}
