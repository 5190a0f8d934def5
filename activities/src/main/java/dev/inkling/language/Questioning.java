package dev.inkling.language;

import dev.inkling.ask.Asked;
import dev.inkling.ask.Asker;
import dev.inkling.ask.SharedBucket;
import dev.inkling.journal.Journal;
import dev.inkling.model.LanguageModel;
import dev.inkling.model.ModelException;
import dev.inkling.model.hosted.Price;
import dev.inkling.model.hosted.Prices;
import dev.inkling.plan.Spend;
import dev.inkling.spec.BaseModel;
import dev.inkling.spec.HostedModel;
import dev.inkling.spec.OpenModel;
import dev.inkling.stage.LaterException;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A stage's questions and all answers so far. Each answer is kept when it arrives, so after a crash
 * only those are asked again that were in flight; and nothing is asked that might pass the budget.
 */
public final class Questioning implements AutoCloseable {
  private final StageContext context;
  private final LanguageModels models;
  private final Journal<Answered> journal;
  private final Requests requests;
  private final Purse purse;
  private final BatchBook book;
  private final Map<String, BaseModel> asked = new HashMap<>();
  private final Map<String, Tariff> tariffs = new HashMap<>();
  private long kept = System.nanoTime();

  /**
   * Goes on with what earlier attempts have left.
   *
   * @param roles who is asked under which index
   * @throws LaterException if answers are to come in batches, and none has come since the last look
   */
  public Questioning(StageContext context, LanguageModels models, LongFunction<String> roles)
      throws ModelException, IOException, InterruptedException {
    this.context = context;
    this.models = models;
    this.purse = new Purse(context.caller().allowance());
    Prices known = models.prices();
    for (String role : context.stage().models().keySet()) {
      BaseModel model = LanguageModels.asked(context, role);
      asked.put(role, model);
      tariffs.put(role, Tariff.of(model, known));
    }
    this.book = new BatchBook(context);
    Lookout.look(context, models, book);
    book.open().forEach(chunk -> purse.begins(chunk.reserved()));
    this.journal = Journal.open(context.work(), Answered.class);
    try {
      journal.inOrder((index, answer) -> purse.paid(answer, tariff(roles.apply(index)).of(answer)));
      long direct = journal.count() - purse.batched();
      this.requests = new Requests(context.work().scratch(), context.work().attempt(), direct);
    } catch (IOException | RuntimeException e) {
      journal.close();
      throw e;
    }
  }

  /**
   * Ends the batches that a stage has under way, unless another experiment wants their answers too.
   * What they have answered by then is taken when the stage is made again.
   *
   * @throws LaterException if it is not known yet whether there is one
   */
  public static void withdraw(StageContext context, LanguageModels models)
      throws IOException, InterruptedException, ModelException {
    BatchBook book = new BatchBook(context);
    for (Chunk chunk : book.open()) {
      HostedModel model = LanguageModels.hosted(context, chunk.role());
      Chunk left = book.change(chunk, c -> c.notWantedBy(context.caller().owner()));
      if (left.owners().isEmpty()) {
        new Orders(context, book, model, models).cancel(left);
      }
    }
  }

  private Tariff tariff(String role) {
    return tariffs.getOrDefault(role, Tariff.UNKNOWN);
  }

  /** The answer to a question, if there is one. */
  public Optional<Answered> answer(long index) throws IOException {
    return journal.get(index);
  }

  /**
   * What was answered to questions that follow each other, up to the first that has no answer.
   *
   * @param index of the first question, the second and so on, from 0
   */
  public List<String> replies(IntToLongFunction index) throws IOException {
    List<String> replies = new ArrayList<>();
    Optional<Answered> reply = answer(index.applyAsLong(0));
    while (reply.isPresent()) {
      replies.add(reply.get().text());
      reply = answer(index.applyAsLong(replies.size()));
    }
    return replies;
  }

  /** How many answers there are. */
  public long count() {
    return journal.count();
  }

  /**
   * Asks what has no answer yet.
   *
   * @param questions with their indices, in any order; those that have answers are passed over
   * @param total how many answers there will be, for the progress
   * @throws LaterException if answers are to come in batches
   * @throws BudgetExceededException if the next question might pass the budget
   * @throws ModelException if a question has no answer
   */
  public void ask(String role, Iterator<Asked> questions, long total)
      throws ModelException, IOException, InterruptedException {
    BaseModel base = asked.get(role);
    if (base == null) {
      throw new IllegalStateException(context.stage().name() + " asks no " + role);
    }
    Affordable affordable = new Affordable(direct(role, base, questions, total), role);
    if (!affordable.hasNext() && base instanceof OpenModel) {
      // Loading weights to ask nothing would take minutes.
      heldBack(affordable);
      return;
    }
    Optional<SharedBucket> quota =
        base instanceof HostedModel hosted ? models.quota(hosted) : Optional.empty();
    try (LanguageModel model = requests.counting(models.open(context, role))) {
      new Asker(model, models.settings(base), quota)
          .ask(
              affordable,
              journal.count(),
              total,
              (index, answer) -> {
                Answered answered = Answered.of(answer, false);
                journal.append(index, answered);
                affordable.answered(index);
                purse.paid(answered, tariff(role).direct());
                keepInTime();
              },
              context.monitor());
    } finally {
      if (quota.isPresent()) {
        quota.get().close();
      }
    }
    journal.keep();
    heldBack(affordable);
  }

  private void heldBack(Affordable affordable) throws BudgetExceededException {
    if (affordable.heldBack()) {
      Spend spend = spend();
      throw new BudgetExceededException(purse.message(spend), spend);
    }
  }

  /** The questions that are not answered in batches. */
  private Iterator<Asked> direct(String role, BaseModel base, Iterator<Asked> questions, long total)
      throws ModelException, IOException, InterruptedException {
    // A batch that was submitted is waited for, also if the spec wants no more of them.
    if (!(base instanceof HostedModel hosted) || (!hosted.batch() && book.open().isEmpty())) {
      return questions;
    }
    return new BatchRound(context, models, role, hosted, book, journal, purse, tariff(role), total)
        .look(questions);
  }

  private void keepInTime() throws IOException {
    long now = System.nanoTime();
    if (now - kept > context.checkpointEvery().toNanos()) {
      journal.keep();
      kept = now;
    }
  }

  /** Hands over all answers in the order of their indices. */
  public void inOrder(Journal.Reader<Answered> reader) throws IOException {
    journal.inOrder(reader);
  }

  /** What the stage has cost so far, over all its attempts. */
  public Spend spend() {
    return purse.spend(requests.sent() + book.requests(), requests.lost());
  }

  @Override
  public void close() throws IOException {
    try (requests) {
      journal.close();
    }
  }

  /** The questions that have no answer yet, while there is money for them. */
  private final class Affordable implements Iterator<Asked> {
    private final Iterator<Asked> questions;
    private final Optional<Price> price;
    private final Map<Long, Purse.Cost> underWay = new HashMap<>();
    private @Nullable Asked next;

    Affordable(Iterator<Asked> questions, String role) {
      this.questions = questions;
      this.price = tariff(role).direct();
    }

    private @Nullable Asked upcoming() {
      while (next == null && questions.hasNext()) {
        Asked asked = questions.next();
        if (!journal.has(asked.index())) {
          next = asked;
        }
      }
      return next;
    }

    @Override
    public boolean hasNext() {
      Asked upcoming = upcoming();
      return upcoming != null && purse.fits(Purse.cost(upcoming.question(), price));
    }

    @Override
    public Asked next() {
      Asked asked = upcoming();
      if (asked == null) {
        throw new NoSuchElementException();
      }
      next = null;
      Purse.Cost cost = Purse.cost(asked.question(), price);
      purse.begins(cost);
      underWay.put(asked.index(), cost);
      return asked;
    }

    void answered(long index) {
      Purse.Cost cost = underWay.remove(index);
      if (cost != null) {
        purse.ended(cost);
      }
    }

    /** Whether there are questions that there is no money for. */
    boolean heldBack() {
      return upcoming() != null;
    }
  }
}
