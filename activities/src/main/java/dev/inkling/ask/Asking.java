package dev.inkling.ask;

import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.Reply;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One asking, from its first question to its last answer; all in one thread. */
final class Asking {
  /** The monitor hears something so often, however long answers take. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** People are told about a wait that is longer. */
  private static final Duration NOTABLE = Duration.ofSeconds(5);

  /** So many answers are taken before new requests are sent. */
  private static final int BATCH = 256;

  private final Line line;
  private final AskSettings settings;
  private final Patience patience;
  private final RandomGenerator random;
  private final Iterator<Asked> questions;
  private final Sink sink;
  private final Monitor monitor;
  private final Counts counts;
  private final Limits limits;
  private final Window window;
  private final Circuit circuit;

  /** What is to be tried again, the soonest first. */
  private final PriorityQueue<Pending> again =
      new PriorityQueue<>(Comparator.comparingLong((Pending p) -> p.due));

  /** The question that comes next and was held back by a limit. */
  private @Nullable Pending next;

  /** Whether a limit or an outage, and nothing else, keeps the next request from being sent. */
  private boolean held;

  private boolean noted;

  Asking(
      Line line,
      AskSettings settings,
      Optional<SharedBucket> bucket,
      RandomGenerator random,
      Iterator<Asked> questions,
      Sink sink,
      Monitor monitor,
      Counts counts) {
    this.line = line;
    this.settings = settings;
    this.patience = settings.patience();
    this.random = random;
    this.questions = questions;
    this.sink = sink;
    this.monitor = monitor;
    this.counts = counts;
    this.limits = new Limits(bucket);
    this.window = new Window(settings.startInFlight(), settings.maxInFlight());
    this.circuit = new Circuit(patience);
  }

  void run(long done, long total) throws ModelException, IOException, InterruptedException {
    try {
      while (true) {
        monitor.progress(done + counts.answers(), total, "rows", Optional.empty());
        long wait = send();
        if (counts.inFlight() == 0 && next == null && again.isEmpty() && !questions.hasNext()) {
          return;
        }
        long from = line.nanos();
        listen(Math.min(wait, LOOK_NANOS));
        counts.waited(held ? line.nanos() - from : 0);
      }
    } catch (StopRequestedException | ModelException e) {
      drain(settings.drain().toNanos(), e);
      throw e;
    } catch (InterruptedException e) {
      drain(0, e);
      throw e;
    }
  }

  /** Sends what may be sent; how long, in nanoseconds, until more may be, if nothing is heard. */
  private long send() throws IOException, InterruptedException {
    held = false;
    while (true) {
      long now = line.nanos();
      boolean probe = circuit.open();
      if (probe && (counts.inFlight() > 0 || circuit.untilProbe(now) > 0)) {
        held = true;
        return counts.inFlight() > 0 ? Long.MAX_VALUE : circuit.untilProbe(now);
      }
      Pending candidate = candidate(now, probe);
      if (candidate == null) {
        return again.isEmpty() ? Long.MAX_VALUE : again.element().due - now;
      }
      if (counts.inFlight() >= window.size()) {
        window.full(now);
        return Long.MAX_VALUE;
      }
      long wait = limits.wait(candidate.question, now);
      if (wait > 0) {
        held = true;
        return wait;
      }
      take(candidate);
      limits.sent(candidate, now);
      candidate.sentAt = now;
      candidate.probe = probe;
      counts.sent();
      line.send(candidate);
      if (!probe) {
        note("");
      }
    }
  }

  /**
   * The question that comes next: one that is due again, or a new one while there is room for it.
   *
   * @param probe whether one that is not due yet will do
   */
  private @Nullable Pending candidate(long now, boolean probe) {
    Pending first = again.peek();
    if (first != null && (probe || first.due <= now)) {
      return first;
    }
    boolean room = counts.inFlight() + again.size() < settings.maxInFlight();
    if (next == null && room && questions.hasNext()) {
      next = new Pending(questions.next(), now);
    }
    return next;
  }

  private void take(Pending candidate) {
    if (candidate == next) {
      next = null;
    } else {
      again.remove(candidate);
    }
  }

  /** Takes what has come back, after waiting for the first for so long at most. */
  private void listen(long nanos) throws ModelException, IOException, InterruptedException {
    Line.Heard heard = line.await(nanos);
    for (int i = 1; heard != null; i++) {
      heard(heard);
      heard = i < BATCH ? line.await(0) : null;
    }
  }

  private void heard(Line.Heard heard) throws ModelException, IOException {
    Pending pending = heard.pending();
    int inFlight = counts.inFlight();
    counts.returned();
    switch (heard.result()) {
      case Line.Result.Answered(Reply reply) -> answered(pending, reply);
      case Line.Result.Failed(ModelException why) -> failed(pending, why, inFlight);
      case Line.Result.Broke(Throwable why) ->
          throw new IllegalStateException(
              "The model's client failed at question " + pending.index, why);
    }
  }

  private void answered(Pending pending, Reply reply) throws IOException {
    long now = line.nanos();
    limits.answered(pending, reply, now);
    window.answered(pending.sentAt);
    if (circuit.heard()) {
      window.restart();
    }
    sink.accept(pending.index, reply.answer());
    counts.answered(reply.answer());
  }

  private void failed(Pending pending, ModelException why, int inFlight) throws ModelException {
    if (!why.reason().passing()) {
      throw why;
    }
    long now = line.nanos();
    boolean away = circuit.open();
    counts.failed(why.reason());
    if (why.reason() == Reason.RATE_LIMITED) {
      limits.refused(pending);
      if (window.refused(pending.sentAt, now) && why.retryAfter().isEmpty()) {
        limits.close(patience, random, now);
      }
      circuit.heard();
    } else if (circuit.failed(pending, inFlight, now)) {
      note("waits for the provider, which does not answer: " + why.getMessage());
    }
    Duration asked = why.retryAfter().orElse(Duration.ZERO);
    if (!asked.isZero()) {
      limits.close(asked, now);
      if (asked.compareTo(NOTABLE) > 0) {
        note("waits " + asked.toSeconds() + " s, as the provider asks: " + why.getMessage());
      }
    } else if (!away && why.reason() != Reason.RATE_LIMITED) {
      // Being refused for the rate is no failure of the question, nor is an outage.
      pending.failures++;
    }
    long wait = asked.plus(patience.wait(Math.max(1, pending.failures), random)).toNanos();
    if (pending.failures >= patience.attempts()
        || now + wait - pending.since > patience.total().toNanos()) {
      throw exhausted(pending, why, now);
    }
    pending.due = now + wait;
    again.add(pending);
    counts.retried(why.reason());
  }

  private ModelException exhausted(Pending pending, ModelException last, long now) {
    return new ModelException(
        last.reason(),
        "Question "
            + pending.index
            + " has no answer after "
            + Duration.ofNanos(now - pending.since).toSeconds()
            + " s. The last failure was: "
            + last.getMessage()
            + " All answers so far are kept; run the same command again to go on.",
        last.retryAfter(),
        last);
  }

  private void note(String text) {
    if (noted || !text.isEmpty()) {
      monitor.note(text);
      noted = !text.isEmpty();
    }
  }

  /** Takes answers that are under way for so long; they are paid for. */
  private void drain(long nanos, Exception why) throws IOException, InterruptedException {
    long until = line.nanos() + nanos;
    while (counts.inFlight() > 0) {
      Line.Heard heard = line.await(Math.max(0, until - line.nanos()));
      if (heard == null) {
        return;
      }
      counts.returned();
      if (heard.result() instanceof Line.Result.Answered(Reply reply)) {
        keep(heard.pending(), reply, why);
      }
    }
  }

  private void keep(Pending pending, Reply reply, Exception why) throws IOException {
    try {
      sink.accept(pending.index, reply.answer());
      counts.answered(reply.answer());
    } catch (IOException e) {
      e.addSuppressed(why);
      throw e;
    }
  }
}
