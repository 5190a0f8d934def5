package dev.inkling.ask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.ask.LimitedProvider.Refill;
import dev.inkling.stage.Monitor;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How much of an enforced limit is used, and how many requests are refused, in five simulated
 * minutes with answers that take 0.3 to 3 s.
 */
class RateLimitTest {
  private static final int MINUTES = 5;

  @TempDir Path directory;

  /** What came of it, both in percent. */
  private record Outcome(double used, double refused) {}

  @ParameterizedTest
  @CsvSource({
    "60, EACH_MINUTE, 60",
    "60, ALL_THE_TIME, 1",
    "1200, EACH_MINUTE, 1200",
    "1200, ALL_THE_TIME, 1200",
    "1200, ALL_THE_TIME, 20",
    "12000, ALL_THE_TIME, 200"
  })
  void aQuotaIsUsedUpAndHardlyARequestIsRefused(int perMinute, Refill refill, int capacity)
      throws Exception {
    assertThat(
            run(
                new LimitedProvider(
                    perMinute, capacity, refill, false, Optional.of(Duration.ofSeconds(1))),
                perMinute,
                true))
        .satisfies(o -> assertThat(o.used()).isGreaterThan(95))
        .satisfies(o -> assertThat(o.refused()).isLessThan(1));
  }

  @ParameterizedTest
  @CsvSource({
    "60, EACH_MINUTE", "60, ALL_THE_TIME",
    "1200, EACH_MINUTE", "1200, ALL_THE_TIME",
    "30000, EACH_MINUTE", "30000, ALL_THE_TIME"
  })
  void whatTheProviderSaysIsEnoughToUseItsLimitUp(int perMinute, Refill refill) throws Exception {
    assertThat(
            run(
                new LimitedProvider(perMinute, perMinute, refill, true, Optional.empty()),
                perMinute,
                false))
        .satisfies(o -> assertThat(o.used()).isGreaterThan(95))
        // In the first minute of the smallest one the window still doubles: four in three hundred.
        .satisfies(o -> assertThat(o.refused()).isLessThan(perMinute == 60 ? 1.5 : 1));
  }

  @ParameterizedTest
  @CsvSource({"60, EACH_MINUTE", "1200, EACH_MINUTE", "1200, ALL_THE_TIME"})
  void aProviderThatOnlyRefusesIsStillUsedForTheMostPart(int perMinute, Refill refill)
      throws Exception {
    assertThat(
            run(
                new LimitedProvider(perMinute, perMinute, refill, false, Optional.empty()),
                perMinute,
                false))
        .satisfies(o -> assertThat(o.used()).isGreaterThan(70));
  }

  private Outcome run(LimitedProvider provider, int perMinute, boolean quota) throws Exception {
    SimulatedLine line = new SimulatedLine(provider);
    InstantSource clock = () -> Instant.ofEpochSecond(1_700_000_000).plusNanos(line.nanos());
    SharedBucket bucket =
        new SharedBucket(
            directory.resolve("bucket.json"),
            new Quota(OptionalLong.of(perMinute), OptionalLong.empty()),
            clock);
    Counts counts = new Counts();
    long questions = (long) perMinute * MINUTES;
    new Asking(
            line,
            AskSettings.DEFAULT,
            quota ? Optional.of(bucket) : Optional.empty(),
            new SplittableRandom(1),
            SimulatedLine.questions(questions),
            (index, answer) -> {},
            Monitor.silent(),
            counts)
        .run(0, questions);

    assertThat(counts.tally().answers()).isEqualTo(questions);
    Outcome outcome =
        new Outcome(
            100 * provider.taken / (perMinute * (line.nanos() / 60e9 - 1)),
            100.0 * provider.refused / counts.tally().requests());
    System.out.println("RateLimitTest: " + perMinute + "/min, quota " + quota + ": " + outcome);
    return outcome;
  }
}
