package dev.inkling.language;

import dev.inkling.model.ModelException;
import dev.inkling.model.hosted.Batches.Standing;
import dev.inkling.model.hosted.Batches.State;
import dev.inkling.spec.HostedModel;
import dev.inkling.stage.LaterException;
import dev.inkling.stage.NextLook;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** When batches that are under way are looked at again, and what people are told until then. */
final class Lookout {
  /** The longest time between two looks. */
  static final Duration LATEST = Duration.ofMinutes(2);

  private Lookout() {}

  /**
   * Looks at a stage's batches without reading what it has, which may be a million answers. Returns
   * if there may be more to do than to wait.
   *
   * @throws LaterException if there is nothing to do before one of them ends, and none has ended
   */
  static void look(StageContext context, LanguageModels models, BatchBook book)
      throws ModelException, IOException, InterruptedException {
    if (book.waits().isEmpty()) {
      return;
    }
    long total = book.waits().get().total();
    long answered = book.waits().get().answered();
    String server = "";
    for (Chunk chunk : book.open()) {
      HostedModel model = LanguageModels.hosted(context, chunk.role());
      Chunk ours = book.change(chunk, c -> c.wantedBy(context.caller().owner()));
      Standing standing = new Orders(context, book, model, models).advance(ours);
      if (standing.state() != State.RUNNING) {
        return;
      }
      answered += standing.answered();
      server = model.server();
    }
    throw later(book.open(), models.clock().instant(), server, answered, total);
  }

  /** When to look again. */
  static LaterException later(
      List<Chunk> open, Instant now, String server, long answered, long total) {
    Duration age =
        open.stream()
            .flatMap(chunk -> chunk.since().stream())
            .map(since -> Duration.between(Instant.parse(since), now).abs())
            .max(Duration::compareTo)
            .orElse(Duration.ZERO);
    return new LaterException(
        NextLook.after(age, LATEST),
        String.format(
            Locale.ROOT,
            "%d %s at %s under way; %,d of %,d answers are there.",
            open.size(),
            open.size() == 1 ? "batch is" : "batches are",
            server,
            answered,
            total));
  }

  /** The later of two, with what both say. */
  static LaterException both(LaterException a, LaterException b) {
    Duration longer = a.delay().compareTo(b.delay()) > 0 ? a.delay() : b.delay();
    return new LaterException(longer, a.getMessage() + " " + b.getMessage());
  }
}
