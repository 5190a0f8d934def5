package dev.inkling.language;

import dev.inkling.crash.CrashPoint;
import dev.inkling.model.ModelException;
import dev.inkling.model.hosted.Batches;
import dev.inkling.model.hosted.Batches.Order;
import dev.inkling.model.hosted.Batches.Standing;
import dev.inkling.model.hosted.Batches.State;
import dev.inkling.spec.HostedModel;
import dev.inkling.stage.JobFailedException;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/**
 * A stage's orders for batches of one model: each is placed once, though its confirmation may be
 * lost. The note is written before a call and after it.
 */
final class Orders {
  private final StageContext context;
  private final BatchBook book;
  private final HostedModel model;
  private final Batches batches;
  private final Once once;
  private final Clock clock;

  Orders(StageContext context, BatchBook book, HostedModel model, LanguageModels models)
      throws ModelException, IOException {
    this.context = context;
    this.book = book;
    this.model = model;
    this.batches = models.batches(model);
    this.clock = models.clock();
    this.once = new Once(context, clock);
  }

  Batches batches() {
    return batches;
  }

  /** The provider's side of a chunk. */
  Order order(Chunk chunk) throws IOException {
    return new Order(
        chunk.tag(),
        book.requests(chunk),
        chunk.count(),
        chunk.since().map(Instant::parse),
        book.known());
  }

  /**
   * How far a chunk's batch is, which is submitted if it was not.
   *
   * @throws dev.inkling.stage.LaterException if that is not known yet
   */
  Standing advance(Chunk chunk) throws ModelException, IOException, InterruptedException {
    if (chunk.batch().isPresent()) {
      return look(chunk.batch().get()).orElseThrow(() -> gone(chunk));
    }
    Order order = order(chunk);
    Chunk tried = book.change(chunk, c -> c.triedAt(clock.instant().toString()));
    Standing standing = Once.look(() -> batches.submit(order, this::once));
    if (standing.state() == State.FAILED || standing.state() == State.CROWDED) {
      return standing;
    }
    book.change(tried, c -> c.submittedAs(standing.id()));
    return standing;
  }

  private <T> T once(String name, Batches.Call<Optional<T>> find, Batches.Call<T> make)
      throws ModelException, IOException, InterruptedException {
    return once.perform(name, find::run, make::run);
  }

  private Optional<Standing> look(String id)
      throws ModelException, IOException, InterruptedException {
    return once.ask(() -> batches.look(id));
  }

  /**
   * Fetches the results of a chunk whose batch has ended.
   *
   * @return where they lie until this attempt ends
   */
  Path results(Chunk chunk, Standing standing)
      throws ModelException, IOException, InterruptedException {
    Path file = context.work().draft("results.jsonl");
    if (!once.ask(() -> batches.download(standing, file))) {
      throw gone(chunk);
    }
    return file;
  }

  /** Ends a chunk's batch, if there is one; what it has answered so far can still be fetched. */
  void cancel(Chunk chunk) throws ModelException, IOException, InterruptedException {
    Optional<String> id = chunk.batch();
    if (id.isEmpty()) {
      Order order = order(chunk);
      id = once.made(order.name(), () -> batches.find(order)).map(Standing::id);
      if (id.isEmpty()) {
        return;
      }
      String found = id.get();
      book.change(chunk, c -> c.submittedAs(found));
    }
    String batch = id.get();
    Optional<Standing> standing = look(batch);
    if (standing.isPresent() && standing.get().state() == State.RUNNING) {
      once.ask(
          () -> {
            batches.cancel(batch);
            return batch;
          });
      CrashPoint.CALL_WITHDRAWN.reached();
    }
  }

  private JobFailedException gone(Chunk chunk) {
    return new JobFailedException(
        "The batch "
            + chunk.batch().orElse(chunk.tag())
            + " with "
            + chunk.count()
            + " questions of this stage, or its results, is not at "
            + model.server()
            + " any more: it was deleted there, or belongs to another key or project. All answers"
            + " that have come are kept. To have its questions asked and paid again, delete "
            + book.file()
            + " and run the same command again.");
  }
}
