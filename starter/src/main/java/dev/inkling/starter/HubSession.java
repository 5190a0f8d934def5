package dev.inkling.starter;

import dev.inkling.model.hub.Hub;
import dev.inkling.model.hub.HubException;
import dev.inkling.worker.Home;
import java.io.IOException;

/** A command's dealings with the Hub: what they show, and what an error or Ctrl-C says. */
final class HubSession implements AutoCloseable {
  private final Hub hub;
  private final TransferView view = TransferView.forTerminal();
  private final Thread farewell;

  /**
   * Opens one.
   *
   * @param again the command to type after an interruption
   */
  HubSession(Home home, String again) throws IOException {
    hub = new Hub(home.hub());
    farewell =
        new Thread(
            () -> {
              view.end();
              System.err.println("Interrupted. What was transferred is kept. To go on: " + again);
            },
            "farewell");
    Runtime.getRuntime().addShutdownHook(farewell);
  }

  /** What a command does at the Hub. */
  @FunctionalInterface
  interface Dealing<T> {
    T with(Hub hub, TransferView view) throws HubException, InterruptedException;
  }

  <T> T deal(Dealing<T> dealing) throws UserException, InterruptedException {
    try {
      return dealing.with(hub, view);
    } catch (HubException e) {
      int code =
          switch (e.reason()) {
            case NO_ACCESS, NOT_FOUND, REFUSED -> Main.BAD_INPUT;
            case OFFLINE, DAMAGED, DISK, UNAVAILABLE -> Main.FAILED;
          };
      throw new UserException(code, String.valueOf(e.getMessage()));
    } finally {
      view.end();
    }
  }

  @Override
  public void close() {
    hub.close();
    try {
      Runtime.getRuntime().removeShutdownHook(farewell);
    } catch (IllegalStateException e) {
      // The process is being ended: the farewell is on its way.
    }
  }
}
