package dev.inkling.ask;

import dev.inkling.model.Answer;
import dev.inkling.model.Message;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import dev.inkling.spec.Decoding;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** A line on which time passes only while somebody waits, and nothing else is slow. */
final class SimulatedLine implements Line {
  private static final Question QUESTION =
      new Question(
          List.of(Message.user("Three numbers, please.")),
          new Decoding(false, 1, 1, 200),
          OptionalLong.empty(),
          0);

  private final Provider provider;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
  private long now;
  private long order;

  /** Whoever is at the other end. */
  interface Provider {
    /** What becomes of a request that arrives now. */
    Event asked(Pending pending, long now);
  }

  /** What comes back, and when. */
  record Event(long at, long order, Pending pending, Line.Result result) {
    static Event answer(Pending pending, long at, Reply.Headroom headroom) {
      Answer answer =
          new Answer(
              "answer " + pending.index, Answer.End.COMPLETE, new Answer.Usage(10, 40), List.of());
      return new Event(at, 0, pending, new Line.Result.Answered(new Reply(answer, headroom)));
    }

    static Event failure(Pending pending, long at, ModelException why) {
      return new Event(at, 0, pending, new Line.Result.Failed(why));
    }
  }

  /** Questions 0, 1, 2 and so on, made when they are asked for. */
  static Iterator<Asked> questions(long count) {
    return LongStream.range(0, count).mapToObj(i -> new Asked(i, QUESTION)).iterator();
  }

  SimulatedLine(Provider provider) {
    this.provider = provider;
  }

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public void send(Pending pending) {
    Event event = provider.asked(pending, now);
    events.add(new Event(event.at(), order++, pending, event.result()));
  }

  @Override
  public @Nullable Heard await(long nanos) throws InterruptedException {
    Event next = events.peek();
    if (next == null || next.at() > now + nanos) {
      now += nanos;
      return null;
    }
    events.remove();
    now = Math.max(now, next.at());
    return new Heard(next.pending(), next.result());
  }

  @Override
  public void close() {
    events.clear();
  }
}
