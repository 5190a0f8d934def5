package dev.inkling.language;

import dev.inkling.ask.Asked;
import dev.inkling.journal.Journal;
import dev.inkling.model.Answer;
import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.hosted.Batches;
import dev.inkling.model.hosted.Batches.Standing;
import dev.inkling.spec.HostedModel;
import dev.inkling.stage.LaterException;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * One look at the batches of a role: what has ended is fetched, what is in no batch yet is
 * submitted. What a crash at any place leaves stands in docs/design/batches.md.
 */
final class BatchRound {
  private final StageContext context;
  private final LanguageModels models;
  private final String role;
  private final HostedModel model;
  private final BatchBook book;
  private final Journal<Answered> journal;
  private final Purse purse;
  private final Tariff tariff;
  private final Orders orders;
  private final long total;

  private long underWay;
  private @Nullable LaterException trouble;

  /**
   * A look that has not begun.
   *
   * @param total how many answers there will be, for the progress
   */
  BatchRound(
      StageContext context,
      LanguageModels models,
      String role,
      HostedModel model,
      BatchBook book,
      Journal<Answered> journal,
      Purse purse,
      Tariff tariff,
      long total)
      throws ModelException, IOException {
    this.context = context;
    this.models = models;
    this.role = role;
    this.model = model;
    this.book = book;
    this.journal = journal;
    this.purse = purse;
    this.tariff = tariff;
    this.orders = new Orders(context, book, model, models);
    this.total = total;
  }

  /**
   * Looks, and returns when no batch is under way any more.
   *
   * @return the questions that are to be asked directly: those that batches have left over, and the
   *     first for which there is no money
   * @throws LaterException if batches are under way
   */
  Iterator<Asked> look(Iterator<Asked> questions)
      throws ModelException, IOException, InterruptedException {
    for (Chunk chunk : ours()) {
      advance(book.change(chunk, c -> c.wantedBy(context.caller().owner())), true);
    }
    List<Asked> direct = trouble == null ? cut(questions) : List.of();
    if (!ours().isEmpty()) {
      throw later();
    }
    return direct.iterator();
  }

  private List<Chunk> ours() {
    return book.open().stream().filter(chunk -> chunk.role().equals(role)).toList();
  }

  /**
   * Has a chunk submitted, or looks how far its batch is.
   *
   * @param takes whether its answers are kept if it has ended; not once its questions were passed
   *     over, since what it leaves over would be forgotten until the next look
   */
  private void advance(Chunk chunk, boolean takes)
      throws ModelException, IOException, InterruptedException {
    progress();
    try {
      Standing standing = orders.advance(chunk);
      Chunk known = book.with(chunk.tag());
      switch (standing.state()) {
        case RUNNING -> underWay += standing.answered();
        case ENDED -> {
          if (takes) {
            take(known, standing);
          }
        }
        case CROWDED -> {
          book.change(known, Chunk::notSubmitted);
          throw new LaterException(
              Lookout.LATEST, model.server() + " takes no more batches now: " + standing.words());
        }
        case FAILED -> {
          book.change(known, Chunk::notSubmitted);
          throw new ModelException(
              Reason.REFUSED,
              model.server()
                  + " did not accept a batch: "
                  + standing.words()
                  + ". Nothing was paid for it. Leave out batch: true to ask directly, then run the"
                  + " same command again.");
        }
      }
    } catch (LaterException e) {
      trouble = e;
    }
  }

  /** Keeps the answers; doing it again changes nothing. */
  private void take(Chunk chunk, Standing standing)
      throws ModelException, IOException, InterruptedException {
    Path file = orders.results(chunk, standing);
    Taking taking = new Taking();
    Once.look(
        () -> {
          orders.batches().read(file, orders.order(chunk), taking);
          return file;
        });
    Files.delete(file);
    journal.keep();
    book.change(chunk, Chunk::done);
    purse.ended(chunk.reserved());
    Files.deleteIfExists(book.requests(chunk));
    if (taking.failure != null) {
      context
          .monitor()
          .note(
              taking.failures
                  + " of "
                  + chunk.count()
                  + " questions have no answer in their batch and are asked again: "
                  + taking.failure.getMessage());
    }
  }

  /** Takes results as they are read. */
  private final class Taking implements Batches.Results {
    private long failures;
    private @Nullable ModelException failure;

    @Override
    public void answered(long number, Answer answer) throws IOException {
      Answered answered = Answered.of(answer, true);
      if (journal.append(number, answered)) {
        purse.paid(answered, tariff.inBatch());
      }
      progress();
    }

    @Override
    public void failed(long number, ModelException why) {
      failures++;
      failure = why;
      progress();
    }
  }

  /** Submits what is in no batch, in batches. */
  private List<Asked> cut(Iterator<Asked> questions)
      throws ModelException, IOException, InterruptedException {
    boolean few = left() <= models.batchLimits().direct();
    List<Asked> direct = new ArrayList<>();
    try (Cutter cutter =
        new Cutter(context, role, book, purse, tariff.inBatch(), models.batchLimits())) {
      while (trouble == null && questions.hasNext()) {
        Asked asked = questions.next();
        Optional<Chunk> before = book.with(role, asked.index());
        if (journal.has(asked.index()) || before.filter(c -> !c.taken()).isPresent()) {
          continue;
        }
        boolean leftOver = before.isPresent();
        if (!model.batch() || (leftOver && (few || before.get().again()))) {
          direct.add(asked);
        } else if (!add(cutter, asked, leftOver)) {
          direct.add(asked);
          break;
        }
      }
      submit(cutter);
      return direct;
    }
  }

  /** How many questions batches have left over. */
  private long left() {
    return book.all().stream()
        .filter(chunk -> chunk.taken() && chunk.role().equals(role))
        .flatMap(chunk -> chunk.ranges().stream())
        .mapToLong(
            range ->
                LongStream.rangeClosed(range.first(), range.last())
                    .filter(i -> !journal.has(i))
                    .count())
        .sum();
  }

  /** Whether there was money for it. */
  private boolean add(Cutter cutter, Asked asked, boolean leftOver)
      throws ModelException, IOException, InterruptedException {
    progress();
    byte[] body = orders.batches().body(asked.question());
    if (cutter.full(body)) {
      submit(cutter);
    }
    return cutter.add(asked, body, leftOver);
  }

  private void submit(Cutter cutter) throws ModelException, IOException, InterruptedException {
    Optional<Chunk> chunk = cutter.finish();
    if (chunk.isPresent()) {
      advance(chunk.get(), false);
    }
  }

  private LaterException later() throws IOException {
    LaterException waits =
        Lookout.later(
            ours(), models.clock().instant(), model.server(), journal.count() + underWay, total);
    if (trouble != null) {
      return Lookout.both(waits, trouble);
    }
    book.waits(new BatchBook.Waits(journal.count(), total));
    return waits;
  }

  private void progress() {
    context.monitor().progress(journal.count(), total, "rows", Optional.empty());
  }
}
