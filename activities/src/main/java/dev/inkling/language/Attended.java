package dev.inkling.language;

import dev.inkling.model.ModelException;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.stage.Waiting;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls that may take longer than a heartbeat may fail. A stage that fell silent in one would be
 * taken for dead, and its successor would make a second call beside the first.
 */
final class Attended {
  private Attended() {}

  /**
   * Makes a call in a thread of its own, and says meanwhile that the stage is alive.
   *
   * @throws StopRequestedException if it must stop; the call has ended then, with what outcome is
   *     not known
   */
  static <T> T call(Monitor monitor, Once.Call<T> call)
      throws ModelException, IOException, InterruptedException {
    FutureTask<T> result = new FutureTask<>(call::run);
    Thread thread = Thread.ofVirtual().name("call to a provider").start(result);
    try {
      while (true) {
        try {
          return result.get(Waiting.POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          monitor.progress(0, 0, "", Optional.empty());
        }
      }
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } finally {
      thread.interrupt();
      thread.join();
    }
  }

  private static RuntimeException rethrown(Throwable cause)
      throws ModelException, IOException, InterruptedException {
    switch (cause) {
      case ModelException e -> throw e;
      case IOException e -> throw e;
      case InterruptedException e -> throw e;
      case Error e -> throw e;
      case RuntimeException e -> {
        return e;
      }
      default -> {
        return new IllegalStateException(cause);
      }
    }
  }
}
