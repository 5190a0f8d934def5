package dev.inkling.model.open;

import dev.inkling.model.ModelException;
import dev.inkling.tensor.transformer.Decoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads and writes many sequences at once. On a CPU each core is a lane with slots of its own, so
 * that cores need not wait for each other; a GPU is one lane.
 */
final class Engine implements AutoCloseable {
  private final Waiting waiting;
  private final List<Decoder> decoders;
  private final List<Thread> threads = new ArrayList<>();

  /** What orders are told that come after the end. */
  private volatile ModelException end = Failures.closed();

  /**
   * Begins to wait for orders.
   *
   * @param decoders one for each lane; closed with this
   * @param room each lane's
   * @param stops tokens that end an answer
   * @param notices hears what people should know, from other threads
   */
  Engine(
      List<? extends Decoder> decoders,
      Room room,
      Pace pace,
      Set<Integer> stops,
      Consumer<String> notices) {
    this.decoders = List.copyOf(decoders);
    this.waiting = new Waiting(decoders.size());
    for (Decoder decoder : decoders) {
      Lane lane = new Lane(decoder, waiting, room, pace, stops, notices);
      threads.add(Thread.ofPlatform().daemon().name("open weights").start(() -> run(lane)));
    }
  }

  private void run(Lane lane) {
    try {
      lane.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      end = Failures.broken(e);
      throw e;
    } finally {
      // If it was not closed, what failed here would fail in the other lanes, too.
      waiting.close().forEach(r -> r.fail(end));
      lane.end(end);
    }
  }

  /** Waits until an order is done; whoever is interrupted withdraws it. */
  Order.Outcome run(Order order) throws ModelException, InterruptedException {
    Request request = new Request(order);
    if (!waiting.add(request)) {
      throw end;
    }
    try {
      return request.await();
    } catch (InterruptedException e) {
      request.withdraw();
      waiting.remove(request);
      throw e;
    }
  }

  /** Ends after the calls of the device that are under way; orders that are not done fail. */
  @Override
  public void close() {
    waiting.close().forEach(r -> r.fail(end));
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          // The device is at work with memory that must not be freed before.
          interrupted = true;
        }
      }
    }
    decoders.forEach(Decoder::close);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
