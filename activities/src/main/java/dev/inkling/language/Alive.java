package dev.inkling.language;

import dev.inkling.model.ModelException;
import dev.inkling.stage.Monitor;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Makes calls that may take minutes, an upload for example, and says meanwhile that the stage is
 * alive.
 */
record Alive(Monitor monitor) {
  /** As often as others look; far more often than the heartbeat timeout (10 s) asks for. */
  private static final long LOOK_MILLIS = 200;

  /**
   * What the call gives. When the stage must stop, the call is broken off.
   *
   * @throws dev.inkling.stage.StopRequestedException if it must
   */
  <T> T call(Once.Call<T> call) throws ModelException, IOException, InterruptedException {
    FutureTask<T> task = new FutureTask<>(call::run);
    Thread thread = Thread.ofVirtual().start(task);
    try {
      while (true) {
        try {
          return task.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          monitor.progress(0, 0, "", Optional.empty());
        }
      }
    } catch (ExecutionException e) {
      throw unwrapped(e.getCause());
    } finally {
      thread.interrupt();
    }
  }

  private static RuntimeException unwrapped(Throwable cause)
      throws ModelException, IOException, InterruptedException {
    switch (cause) {
      case ModelException e -> throw e;
      case IOException e -> throw e;
      case InterruptedException e -> throw e;
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalStateException(cause);
    }
  }
}
