package dev.inkling.language;

import dev.inkling.ask.Asked;
import dev.inkling.ask.Asker;
import dev.inkling.ask.SharedBucket;
import dev.inkling.journal.Journal;
import dev.inkling.model.LanguageModel;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.model.hosted.Price;
import dev.inkling.model.hosted.Prices;
import dev.inkling.plan.Spend;
import dev.inkling.spec.HostedModel;
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
  private final Map<String, HostedModel> asked = new HashMap<>();
  private final Map<String, Optional<Price>> prices = new HashMap<>();
  private long kept = System.nanoTime();

  /**
   * Goes on with what earlier attempts have left.
   *
   * @param roles who is asked under which index
   */
  public Questioning(StageContext context, LanguageModels models, LongFunction<String> roles)
      throws IOException {
    this.context = context;
    this.models = models;
    this.purse = new Purse(context.caller().allowance());
    Prices known = models.prices();
    for (Map.Entry<String, HostedModel> model : context.stage().models().entrySet()) {
      HostedModel asked = LanguageModels.asked(context, model.getKey());
      this.asked.put(model.getKey(), asked);
      prices.put(model.getKey(), known.of(asked));
    }
    this.journal = Journal.open(context.work(), Answered.class);
    try {
      this.requests =
          new Requests(context.work().scratch(), context.work().attempt(), journal.count());
      journal.inOrder((index, answer) -> purse.paid(answer, price(roles.apply(index))));
    } catch (IOException | RuntimeException e) {
      journal.close();
      throw e;
    }
  }

  /** Ends the batches that a stage has under way. */
  public static void withdraw(StageContext context, LanguageModels models)
      throws IOException, InterruptedException, ModelException {
    if (context.stage().goesOnElsewhere()) {
      throw new UnsupportedOperationException();
    }
  }

  private Optional<Price> price(String role) {
    return prices.getOrDefault(role, Optional.empty());
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
   * @throws BudgetExceededException if the next question might pass the budget
   * @throws ModelException if a question has no answer
   */
  public void ask(String role, Iterator<Asked> questions, long total)
      throws ModelException, IOException, InterruptedException {
    HostedModel hosted = asked.get(role);
    if (hosted == null) {
      throw new IllegalStateException(context.stage().name() + " asks no " + role);
    }
    Affordable affordable = new Affordable(questions, price(role));
    Optional<SharedBucket> quota = models.quota(hosted);
    try (LanguageModel model = requests.counting(models.open(hosted))) {
      new Asker(model, models.settings(hosted), quota)
          .ask(
              affordable,
              journal.count(),
              total,
              (index, answer) -> {
                Answered answered = Answered.of(answer);
                journal.append(index, answered);
                affordable.answered(index);
                purse.paid(answered, price(role));
                keepInTime();
              },
              context.monitor());
    } finally {
      if (quota.isPresent()) {
        quota.get().close();
      }
    }
    journal.keep();
    if (affordable.heldBack()) {
      Spend spend = spend();
      throw new BudgetExceededException(purse.message(spend), spend);
    }
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
    return purse.spend(requests);
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
    private final Map<Long, Question> underWay = new HashMap<>();
    private @Nullable Asked next;

    Affordable(Iterator<Asked> questions, Optional<Price> price) {
      this.questions = questions;
      this.price = price;
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
      return upcoming != null && purse.fits(upcoming.question(), price);
    }

    @Override
    public Asked next() {
      Asked asked = upcoming();
      if (asked == null) {
        throw new NoSuchElementException();
      }
      next = null;
      purse.begins(asked.question(), price);
      underWay.put(asked.index(), asked.question());
      return asked;
    }

    void answered(long index) {
      Question question = underWay.remove(index);
      if (question != null) {
        purse.ended(question, price);
      }
    }

    /** Whether there are questions that there is no money for. */
    boolean heldBack() {
      return upcoming() != null;
    }
  }
}
