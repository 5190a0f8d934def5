package dev.inkling.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.Reply;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked when, to the nanosecond: all time is simulated. */
class AskingTest {
  private static final long SECOND = 1_000_000_000L;

  /** Draws nothing but 0.5. */
  private static final RandomGenerator HALF = () -> 1L << 63;

  @TempDir Path directory;

  private final List<Long> sent = new ArrayList<>();
  private final List<Long> answered = new ArrayList<>();
  private final Counts counts = new Counts();
  private Monitor monitor = Monitor.silent();
  private Optional<SharedBucket> bucket = Optional.empty();
  private long end;

  private void ask(Iterator<Asked> questions, SimulatedLine.Provider provider) throws Exception {
    try (SimulatedLine line = line(provider)) {
      ask(questions, line);
    }
  }

  private void ask(Iterator<Asked> questions, SimulatedLine line) throws Exception {
    try {
      new Asking(
              line,
              AskSettings.DEFAULT,
              bucket,
              HALF,
              questions,
              (index, answer) -> answered.add(index),
              monitor,
              counts)
          .run(0, 0);
    } finally {
      end = line.nanos();
    }
  }

  private SimulatedLine line(SimulatedLine.Provider provider) {
    return new SimulatedLine(
        (pending, now) -> {
          sent.add(now);
          return provider.asked(pending, now);
        });
  }

  private static SimulatedLine.Event answer(Pending pending, long at) {
    return SimulatedLine.Event.answer(pending, at, Reply.Headroom.UNKNOWN);
  }

  private static SimulatedLine.Event failure(
      Pending pending, long at, Reason reason, Duration... retryAfter) {
    return SimulatedLine.Event.failure(
        pending,
        at,
        new ModelException(reason, "It says so.", List.of(retryAfter).stream().findFirst(), null));
  }

  @Test
  void aQuestionThatFailsIsAskedAgainAfterWaitsThatDouble() throws Exception {
    ask(
        SimulatedLine.questions(1),
        (p, now) ->
            sent.size() <= 3 ? failure(p, now, Reason.UNAVAILABLE) : answer(p, now + SECOND));

    // Half of 1, 2 and 4 s, as the dice fall.
    assertThat(sent).containsExactly(0L, SECOND / 2, 3 * SECOND / 2, 7 * SECOND / 2);
    assertThat(answered).containsExactly(0L);
    assertThat(counts.tally().retries()).containsOnly(java.util.Map.entry(Reason.UNAVAILABLE, 3L));
  }

  @Test
  void waitsAreSpreadEvenlyBetweenNothingAndTheirBound() {
    java.util.SplittableRandom random = new java.util.SplittableRandom(1);

    assertThat(LongStream.rangeClosed(1, 9).map(n -> Patience.DEFAULT.bound((int) n).toSeconds()))
        .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
    assertThat(LongStream.range(0, 10_000).map(i -> Patience.DEFAULT.wait(4, random).toMillis()))
        .allMatch(w -> w >= 0 && w < 8000)
        .anyMatch(w -> w < 100)
        .anyMatch(w -> w > 7900);
  }

  @Test
  void afterEightFailuresOfAQuestionTheAskingEndsAndKeepsTheOthers() {
    assertThatThrownBy(
            () ->
                ask(
                    SimulatedLine.questions(100),
                    (p, now) ->
                        p.index == 5
                            ? failure(p, now + SECOND, Reason.UNAVAILABLE)
                            : answer(p, now + 2 * SECOND)))
        .isInstanceOfSatisfying(
            ModelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE))
        .hasMessageContaining("Question 5")
        .hasMessageContaining("kept");

    assertThat(answered).hasSize(99);
    assertThat(counts.tally().requests()).isEqualTo(99 + 8);
  }

  @Test
  void whatWillNotPassIsNotAskedAgainAndWhatIsUnderWayIsKept() {
    assertThatThrownBy(
            () ->
                ask(
                    SimulatedLine.questions(100),
                    (p, now) ->
                        p.index == 5
                            ? failure(p, now + SECOND, Reason.REFUSED)
                            : answer(p, now + 3 * SECOND)))
        .hasMessage("It says so.");

    // The first window of eight, and nothing after it.
    assertThat(sent).hasSize(8);
    assertThat(answered).containsExactly(0L, 1L, 2L, 3L, 4L, 6L, 7L);
  }

  @Test
  void retryAfterHoldsForAllQuestionsAndCountsAsNoAttempt() throws Exception {
    ask(
        SimulatedLine.questions(30),
        (p, now) ->
            now < 200 * SECOND
                ? failure(p, now, Reason.RATE_LIMITED, Duration.ofSeconds(20))
                : answer(p, now + SECOND));

    assertThat(answered).hasSize(30);
    // Ten times a whole window is told to wait; in between nobody is asked anything.
    assertThat(sent.stream().map(t -> t / (20 * SECOND)).distinct().count())
        .isGreaterThanOrEqualTo(10);
    for (int i = 1; i < sent.size(); i++) {
      long pause = sent.get(i) - sent.get(i - 1);
      assertThat(pause).matches(t -> t <= SECOND || t >= 20 * SECOND);
    }
  }

  @Test
  void aQuestionGivesUpWhenItsTimeIsOverHoweverOftenItWasToldToWait() {
    assertThatThrownBy(
            () ->
                ask(
                    SimulatedLine.questions(3),
                    (p, now) -> failure(p, now, Reason.RATE_LIMITED, Duration.ofSeconds(90))))
        .isInstanceOf(ModelException.class);

    assertThat(end).isBetween(450 * SECOND, 600 * SECOND);
  }

  @Test
  void whenNothingIsLeftTheResetIsAwaited() throws Exception {
    ask(
        SimulatedLine.questions(9),
        (p, now) ->
            SimulatedLine.Event.answer(
                p,
                now + SECOND,
                new Reply.Headroom(
                    OptionalLong.of(0),
                    Optional.of(Duration.ofSeconds(30)),
                    OptionalLong.empty(),
                    Optional.empty())));

    assertThat(sent.get(7)).isZero();
    assertThat(sent.get(8)).isEqualTo(31 * SECOND);
    assertThat(counts.tally().waited()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void aLongWaitIsToldToPeopleUntilItIsOver() throws Exception {
    List<String> notes = new ArrayList<>();
    monitor =
        new Monitor() {
          @Override
          public void progress(long done, long total, String unit, Optional<Double> loss) {}

          @Override
          public void note(String text) {
            notes.add(text);
          }
        };

    ask(
        SimulatedLine.questions(2),
        (p, now) ->
            now < 20 * SECOND && p.index == 0
                ? failure(p, now, Reason.RATE_LIMITED, Duration.ofSeconds(20))
                : answer(p, now + SECOND));

    assertThat(notes).containsExactly("waits 20 s, as the provider asks: It says so.", "");
  }

  @Test
  void anOutageCostsAFewProbesAndNoQuestion() throws Exception {
    long from = 10 * SECOND;
    long to = 310 * SECOND;
    ask(
        SimulatedLine.questions(5000),
        (p, now) ->
            now > from && now < to
                ? failure(p, now + SECOND / 10, Reason.UNAVAILABLE)
                : answer(p, now + SECOND));

    assertThat(answered).hasSize(5000).doesNotHaveDuplicates();
    List<Long> meanwhile = sent.stream().filter(t -> t > from && t < to).toList();
    int window = counts.tally().mostInFlight();
    // At most what was in flight fails a few times before the outage shows; then about one probe
    // each minute.
    assertThat(meanwhile).hasSizeLessThan(2 * window + 20);
    assertThat(meanwhile.stream().filter(t -> t > 30 * SECOND)).hasSizeLessThan(10);
    assertThat(end).isLessThan(to + 90 * SECOND);
  }

  @Test
  void whoIsAskedToStopAsksNothingMoreAndKeepsWhatIsUnderWay() {
    monitor = stopAfter(50);

    assertThatThrownBy(
            () -> ask(SimulatedLine.questions(1000), (p, now) -> answer(p, now + 2 * SECOND)))
        .isInstanceOf(StopRequestedException.class);

    assertThat(answered).hasSize(sent.size());
    assertThat(counts.inFlight()).isZero();
  }

  @Test
  void whatDoesNotComeInTimeAfterAStopIsGivenUp() {
    monitor = stopAfter(4);

    assertThatThrownBy(
            () ->
                ask(
                    SimulatedLine.questions(1000),
                    (p, now) -> answer(p, now + (p.index < 4 ? 1 : 100) * SECOND)))
        .isInstanceOf(StopRequestedException.class);

    assertThat(answered).containsExactly(0L, 1L, 2L, 3L);
    assertThat(end).isEqualTo(SECOND + AskSettings.DEFAULT.drain().toNanos());
  }

  private Monitor stopAfter(int answers) {
    return new Monitor() {
      @Override
      public void progress(long done, long total, String unit, Optional<Double> loss) {
        if (done >= answers) {
          throw new StopRequestedException(new InterruptedException("enough"));
        }
      }

      @Override
      public void note(String text) {}
    };
  }

  @Test
  void questionsAreMadeOnlyWhenThereIsRoomForThem() throws Exception {
    Iterator<Asked> all = SimulatedLine.questions(20_000);
    long[] ahead = new long[2];
    Iterator<Asked> watched =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return all.hasNext();
          }

          @Override
          public Asked next() {
            ahead[1] = Math.max(ahead[1], ++ahead[0] - answered.size());
            return all.next();
          }
        };

    ask(watched, (p, now) -> answer(p, now + SECOND));

    assertThat(answered).hasSize(20_000);
    assertThat(ahead[1]).isEqualTo(AskSettings.DEFAULT.maxInFlight());
    assertThat(counts.tally().mostInFlight()).isEqualTo(AskSettings.DEFAULT.maxInFlight());
  }

  @Test
  void aQuotaOfTokensHoldsAlthoughEachAnswerIsEstimatedWrongAtFirst() throws Exception {
    try (SimulatedLine line = line((p, now) -> answer(p, now + SECOND))) {
      bucket =
          Optional.of(
              new SharedBucket(
                  directory.resolve("bucket.json"),
                  new Quota(OptionalLong.empty(), OptionalLong.of(6000)),
                  () -> Instant.ofEpochSecond(1_700_000_000).plusNanos(line.nanos())));
      // 50 tokens each: 120 a minute.
      ask(SimulatedLine.questions(600), line);
    }

    assertThat(counts.tally().usage().inputTokens()).isEqualTo(6000);
    assertThat(counts.tally().usage().outputTokens()).isEqualTo(24_000);
    assertThat(end / 1e9).isBetween(300.0, 315.0);
  }
}
