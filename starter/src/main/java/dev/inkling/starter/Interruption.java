package dev.inkling.starter;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Ctrl-C: what is open is closed in reverse order, the stages at their checkpoints first, and the
 * way back is said.
 */
final class Interruption implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Thread hook;
  private volatile boolean happened;
  private volatile boolean over;

  Interruption(String again) {
    hook =
        new Thread(
            () -> {
              if (over) {
                return;
              }
              happened = true;
              System.err.println("\nInterrupted: stages stop at their checkpoints ...");
              closeAll();
              System.err.println("Everything done so far is kept. To go on: " + again);
            },
            "interruption");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Something that an interruption closes. */
  void closes(AutoCloseable closeable) {
    synchronized (open) {
      open.push(closeable);
    }
  }

  /** Whether the process is being ended; the hook then closes everything. */
  boolean happened() {
    return happened;
  }

  private void closeAll() {
    synchronized (open) {
      while (!open.isEmpty()) {
        try {
          open.pop().close();
        } catch (Exception e) {
          System.err.println("While stopping: " + e.getMessage());
        }
      }
    }
  }

  /** The command has ended by itself. */
  @Override
  public void close() {
    if (happened) {
      // The hook runs in another thread and ends the process when it is through.
      while (true) {
        try {
          Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
    over = true;
  }
}
