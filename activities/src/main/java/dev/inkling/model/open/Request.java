package dev.inkling.model.open;

import dev.inkling.model.ModelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** An order and whoever waits for it. */
final class Request {
  private final Order order;
  private final CompletableFuture<Order.Outcome> outcome = new CompletableFuture<>();

  Request(Order order) {
    this.order = order;
  }

  Order order() {
    return order;
  }

  void complete(Order.Outcome result) {
    outcome.complete(result);
  }

  void fail(ModelException reason) {
    outcome.completeExceptionally(reason);
  }

  /** Nobody waits any more. */
  void withdraw() {
    outcome.cancel(false);
  }

  /** Whether somebody waits still. */
  boolean wanted() {
    return !outcome.isDone();
  }

  Order.Outcome await() throws ModelException, InterruptedException {
    try {
      return outcome.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ModelException reason) {
        // A new one, whose trace tells who asked.
        throw new ModelException(reason.reason(), reason.getMessage(), reason.retryAfter(), reason);
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
