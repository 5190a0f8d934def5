package dev.inkling.ask;

import dev.inkling.model.Answer;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Everything but the window that says when the next request may be sent. */
final class Limits {
  private final Optional<SharedBucket> bucket;
  private final Allowance requests = new Allowance();
  private final Allowance tokens = new Allowance();
  private final TokenEstimate estimate = new TokenEstimate();
  private long requestsSent;
  private double tokensSent;
  private long lastAt;
  private long closedAt = Long.MIN_VALUE;
  private long closedUntil = Long.MIN_VALUE;

  /** How often in a row the provider refused what was sent after the last time it did. */
  private int refusals;

  Limits(Optional<SharedBucket> bucket) {
    this.bucket = bucket;
  }

  /**
   * How long, in nanoseconds, to wait before the question may be sent; after 0 it must be sent, for
   * it has taken its share of the quota.
   */
  long wait(Question question, long now) throws IOException, InterruptedException {
    double cost = estimate.of(question);
    long wait =
        Math.max(
            closedUntil > now ? closedUntil - now : 0,
            Math.max(
                requests.wait(1, (double) requestsSent, lastAt, now),
                tokens.wait(cost, tokensSent, lastAt, now)));
    if (wait > 0 || bucket.isEmpty()) {
      return wait;
    }
    return bucket.get().take(cost).toNanos();
  }

  /** The question is being sent. */
  void sent(Pending pending, long now) {
    requestsSent++;
    pending.estimate = estimate.of(pending.question);
    tokensSent += pending.estimate;
    pending.number = requestsSent;
    pending.tokensSent = tokensSent;
    lastAt = now;
  }

  void answered(Pending pending, Reply reply, long now) {
    Answer.Usage usage = reply.answer().usage();
    if (pending.sentAt >= closedAt) {
      refusals = 0;
    }
    correct(usage.inputTokens() + usage.outputTokens() - pending.estimate);
    estimate.learned(usage);
    Reply.Headroom room = reply.headroom();
    if (room.requests().isPresent() && room.requestsReset().isPresent()) {
      requests.heard(
          room.requests().getAsLong(),
          room.requestsReset().get(),
          pending.number,
          (double) pending.number,
          now);
    }
    if (room.tokens().isPresent() && room.tokensReset().isPresent()) {
      tokens.heard(
          room.tokens().getAsLong(),
          room.tokensReset().get(),
          pending.number,
          pending.tokensSent,
          now);
    }
  }

  /** A request was refused for its rate, and cost no tokens. */
  void refused(Pending pending) {
    correct(-pending.estimate);
  }

  private void correct(double difference) {
    bucket.ifPresent(b -> b.correct(difference));
  }

  /** The provider asks everybody to come back after a while. */
  void close(Duration retryAfter, long now) {
    closedAt = now;
    closedUntil = Math.max(closedUntil, now + retryAfter.toNanos());
  }

  /** The provider refuses and does not say until when: it is left alone for longer each time. */
  void close(Patience patience, RandomGenerator random, long now) {
    refusals++;
    Duration half = patience.bound(refusals).dividedBy(2);
    close(half.plusNanos((long) (random.nextDouble() * half.toNanos())), now);
  }
}
