package dev.inkling.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.model.Answer;
import dev.inkling.model.LanguageModel;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import dev.inkling.stage.Monitor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real threads and real time. */
@Timeout(60)
class AskerTest {
  @TempDir Path directory;

  /** Answers after a while, and knows how many are inside. */
  private static class Slow implements LanguageModel {
    final AtomicInteger inside = new AtomicInteger();
    final AtomicInteger most = new AtomicInteger();
    private final long millis;

    Slow(long millis) {
      this.millis = millis;
    }

    @Override
    public Reply ask(Question question) throws ModelException, InterruptedException {
      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
      try {
        Thread.sleep(millis);
        return new Reply(
            new Answer("yes", Answer.End.COMPLETE, new Answer.Usage(1, 1), List.of()),
            Reply.Headroom.UNKNOWN);
      } finally {
        inside.decrementAndGet();
      }
    }

    @Override
    public void close() {}
  }

  private static Asker asker(LanguageModel model) {
    return new Asker(model, AskSettings.DEFAULT, Optional.empty());
  }

  @Test
  void everyQuestionIsAnsweredOnceAndTheSinkIsCalledByTheCallerOnly() throws Exception {
    Slow model = new Slow(20);
    BitSet answered = new BitSet();
    Thread caller = Thread.currentThread();

    Tally tally =
        asker(model)
            .ask(
                SimulatedLine.questions(20_000),
                0,
                20_000,
                (index, answer) -> {
                  assertThat(Thread.currentThread()).isSameAs(caller);
                  assertThat(answered.get((int) index)).isFalse();
                  answered.set((int) index);
                },
                Monitor.silent());

    assertThat(answered.cardinality()).isEqualTo(20_000);
    assertThat(tally.requests()).isEqualTo(20_000);
    assertThat(tally.usage()).isEqualTo(new Answer.Usage(20_000, 20_000));
    assertThat(model.most.get()).isBetween(9, AskSettings.DEFAULT.maxInFlight());
    assertThat(tally.mostInFlight()).isBetween(model.most.get(), AskSettings.DEFAULT.maxInFlight());
  }

  @Test
  void anInterruptionEndsEveryRequestAtOnce() throws Exception {
    Slow model = new Slow(60_000);
    Asker asker = asker(model);
    Thread caller = Thread.currentThread();
    Thread interrupter =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (model.inside.get() < 8) {
                    Thread.onSpinWait();
                  }
                  caller.interrupt();
                });

    assertThatThrownBy(
            () -> asker.ask(SimulatedLine.questions(100), 0, 100, (i, a) -> {}, Monitor.silent()))
        .isInstanceOf(InterruptedException.class);

    interrupter.join();
    assertThat(model.inside).hasValue(0);
    assertThat(asker.tally().requests()).isEqualTo(8);
  }

  @Test
  void anAnswerThatCannotBeKeptEndsEverything() {
    Slow model = new Slow(50);

    assertThatThrownBy(
            () ->
                asker(model)
                    .ask(
                        SimulatedLine.questions(1000),
                        0,
                        1000,
                        (i, a) -> {
                          throw new IOException("the disk is full");
                        },
                        Monitor.silent()))
        .isInstanceOf(IOException.class)
        .hasMessage("the disk is full");

    assertThat(model.inside).hasValue(0);
  }

  @Test
  void aDefectOfTheClientIsToldWithItsQuestion() {
    Slow broken =
        new Slow(1) {
          @Override
          public Reply ask(Question question) {
            throw new UnsupportedOperationException("not yet");
          }
        };

    assertThatThrownBy(
            () ->
                asker(broken).ask(SimulatedLine.questions(1), 0, 1, (i, a) -> {}, Monitor.silent()))
        .hasMessageContaining("question 0")
        .hasRootCauseMessage("not yet");
  }

  /** Two workers with one quota of 1,200 a minute, for five seconds. */
  @Test
  void workersThatShareAQuotaUseItUpAndNoMore() throws Exception {
    List<Callable<Tally>> workers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      workers.add(
          () -> {
            try (SharedBucket bucket =
                new SharedBucket(
                    directory.resolve("bucket.json"),
                    new Quota(OptionalLong.of(1200), OptionalLong.empty()),
                    Clock.systemUTC())) {
              return new Asker(new Slow(300), AskSettings.DEFAULT, Optional.of(bucket))
                  .ask(SimulatedLine.questions(50), 0, 50, (index, a) -> {}, Monitor.silent());
            }
          });
    }
    long began = System.nanoTime();
    try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
      for (Future<Tally> tally : executor.invokeAll(workers)) {
        assertThat(tally.get().answers()).isEqualTo(50);
      }
    }
    double seconds = (System.nanoTime() - began) / 1e9;

    // 100 requests at 19.8 a second and the last answer. A busy machine may take longer, but
    // nothing may make it faster.
    assertThat(seconds).isBetween(100 / 20.0, 100 / 19.8 + 3);
  }
}
