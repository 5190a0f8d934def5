package dev.inkling.provider;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.provider.Behaviour.Batching;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A batch of either interface: its requests are answered and billed when its time is over. */
final class BatchRun {
  private final String id;
  private final Dialect dialect;
  private final List<Request> requests;
  private final Counter counter;
  private final long createdAt = System.currentTimeMillis();
  private long cancelledAt;
  private List<Result> results = List.of();

  /** A request and the client's name for it. */
  record Request(String id, JsonNode body) {}

  /** What became of a request. */
  enum Fate {
    ANSWERED,
    FAILED,
    EXPIRED,
    CANCELLED
  }

  /**
   * What became of a request.
   *
   * @param answer as a direct request is answered; empty if it was not
   */
  record Result(String request, Fate fate, String answer) {}

  BatchRun(String id, Dialect dialect, List<Request> requests, Counter counter) {
    this.id = id;
    this.dialect = dialect;
    this.requests = List.copyOf(requests);
    this.counter = counter;
  }

  String id() {
    return id;
  }

  int size() {
    return requests.size();
  }

  long createdAt() {
    return createdAt;
  }

  synchronized void cancel() {
    if (!ended()) {
      cancelledAt = System.currentTimeMillis();
    }
  }

  synchronized boolean cancelled() {
    return cancelledAt > 0;
  }

  /** Whether it has ended; what is answered then is billed first. */
  synchronized boolean ended() {
    if (results.isEmpty()) {
      Batching batching = counter.conduct().behaviour().batching();
      if (cancelledAt > 0 || System.currentTimeMillis() >= createdAt + batching.takesMs()) {
        results = settle(batching);
      }
    }
    return !results.isEmpty();
  }

  synchronized List<Result> results() {
    return results;
  }

  /** How many requests have that fate. */
  synchronized long count(Fate fate) {
    return results.stream().filter(result -> result.fate() == fate).count();
  }

  private List<Result> settle(Batching batching) {
    try (ExecutorService all = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Result>> under = new ArrayList<>();
      for (int i = 0; i < requests.size(); i++) {
        Request request = requests.get(i);
        Fate fate = fate(i, batching);
        under.add(
            all.submit(
                () ->
                    new Result(
                        request.id(),
                        fate,
                        fate == Fate.ANSWERED
                            ? counter.inBatch(request.body(), dialect, id)
                            : "")));
      }
      List<Result> settled = new ArrayList<>();
      for (Future<Result> result : under) {
        settled.add(result.get());
      }
      return settled;
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Fate fate(int number, Batching batching) {
    boolean late = number >= requests.size() / 2;
    if (cancelledAt > 0 && late) {
      return Fate.CANCELLED;
    }
    if (batching.expires() && late) {
      return Fate.EXPIRED;
    }
    return batching.failEvery() > 0 && number % batching.failEvery() == 0
        ? Fate.FAILED
        : Fate.ANSWERED;
  }
}
