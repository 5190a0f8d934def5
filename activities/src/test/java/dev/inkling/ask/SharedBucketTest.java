package dev.inkling.ask;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedBucketTest {
  private static final Quota TWENTY_A_SECOND =
      new Quota(OptionalLong.of(1200), OptionalLong.empty());

  @TempDir Path directory;

  private long millis = 1_700_000_000_000L;

  private SharedBucket bucket(Quota quota) throws IOException {
    return new SharedBucket(
        directory.resolve("bucket.json"), quota, () -> Instant.ofEpochMilli(millis));
  }

  /** How much the buckets give while so much time passes, each taking all it can every 10 ms. */
  private int taken(long during, double tokens, SharedBucket... buckets) throws Exception {
    int taken = 0;
    for (long until = millis + during; millis < until; millis += 10) {
      for (SharedBucket bucket : buckets) {
        while (bucket.take(tokens).isZero()) {
          taken++;
        }
      }
    }
    return taken;
  }

  @Test
  void severalWorkersTogetherGetTheQuota() throws Exception {
    int taken =
        taken(60_000, 0, bucket(TWENTY_A_SECOND), bucket(TWENTY_A_SECOND), bucket(TWENTY_A_SECOND));

    assertThat(taken).isBetween(1140, 1200);
  }

  @Test
  void theWaitThatItNamesIsTheShortestThatHelps() throws Exception {
    SharedBucket bucket = bucket(new Quota(OptionalLong.of(60), OptionalLong.empty()));

    Duration wait = bucket.take(0);
    assertThat(wait.toMillis()).isEqualTo(1010); // one second, and a hundredth in reserve
    millis += 1000;
    assertThat(bucket.take(0)).isPositive();
    millis += 11;
    assertThat(bucket.take(0)).isZero();
  }

  @Test
  void aClockThatJumpsForwardFillsTheBucketOnceAndNoMore() throws Exception {
    SharedBucket bucket = bucket(TWENTY_A_SECOND);
    taken(1000, 0, bucket);

    millis += Duration.ofHours(1).toMillis();

    assertThat(taken(1000, 0, bucket)).isLessThanOrEqualTo(2 * 20);
  }

  @Test
  void aClockThatJumpsBackStallsNothing() throws Exception {
    SharedBucket bucket = bucket(TWENTY_A_SECOND);
    taken(1000, 0, bucket);

    millis -= Duration.ofHours(1).toMillis();

    assertThat(taken(1000, 0, bucket)).isBetween(17, 21);
  }

  @Test
  void twoMachinesWhoseClocksDifferGetNoMoreThanOneWould() throws Exception {
    SharedBucket ahead =
        new SharedBucket(
            directory.resolve("bucket.json"),
            TWENTY_A_SECOND,
            () -> Instant.ofEpochMilli(millis + 5000));

    assertThat(taken(60_000, 0, bucket(TWENTY_A_SECOND), ahead)).isBetween(1140, 1220);
  }

  @Test
  void aCrashLosesASliceAndATornFileNothingButTime() throws Exception {
    SharedBucket crashed = bucket(TWENTY_A_SECOND);
    taken(1000, 0, crashed); // it holds what it leased, and is never closed
    Files.writeString(directory.resolve("bucket.json"), "{\"requests\":1.2,\"tok");

    assertThat(taken(10_000, 0, bucket(TWENTY_A_SECOND))).isBetween(190, 200);
  }

  @Test
  void whatIsLeasedAndNotTakenIsPutBack() throws Exception {
    SharedBucket first = bucket(TWENTY_A_SECOND);
    taken(500, 0, first);
    millis += 1000;
    assertThat(first.take(0)).isZero(); // leases two, takes one
    first.close();

    int left = 0;
    for (SharedBucket other = bucket(TWENTY_A_SECOND); other.take(0).isZero(); ) {
      left++;
    }
    assertThat(left).isEqualTo(18); // 19.8 were in it
  }

  @Test
  void aQuestionThatCostsMoreThanTheBucketHoldsIsPaidOffAfterwards() throws Exception {
    Quota quota = new Quota(OptionalLong.empty(), OptionalLong.of(6000));

    // 100 tokens a second, 1000 a question: six a minute.
    assertThat(taken(300_000, 1000, bucket(quota))).isBetween(29, 31);
  }

  @Test
  void whatWasEstimatedWrongIsMadeUpFor() throws Exception {
    SharedBucket bucket = bucket(new Quota(OptionalLong.empty(), OptionalLong.of(6000)));
    int taken = 0;
    for (long until = millis + 300_000; millis < until; millis += 10) {
      while (bucket.take(10).isZero()) {
        taken++;
        bucket.correct(40);
      }
    }

    assertThat(taken).isBetween(585, 605); // fifty each
  }

  @Test
  void twoProcessesTogetherGetTheQuota() throws Exception {
    Path file = directory.resolve("bucket.json");
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      processes.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Taker.class.getName(),
                  file.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start());
    }
    int taken = 0;
    long first = Long.MAX_VALUE;
    long last = 0;
    for (Process process : processes) {
      List<String> said = process.inputReader(StandardCharsets.UTF_8).lines().toList();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      taken += Integer.parseInt(said.get(0));
      first = Math.min(first, Long.parseLong(said.get(1)));
      last = Math.max(last, Long.parseLong(said.get(2)));
    }

    double most = 20 * (last - first) / 1000.0;
    // One of them may start late; alone it would get as much as both.
    assertThat((double) taken).isBetween(0.9 * most - 20, most + 20);
  }

  /** Another process that takes what it can for three seconds. */
  static final class Taker {
    private Taker() {}

    /** Says how much it took, from when to when. */
    public static void main(String[] arguments) throws Exception {
      int taken = 0;
      long from;
      try (SharedBucket bucket =
          new SharedBucket(Path.of(arguments[0]), TWENTY_A_SECOND, Clock.systemUTC())) {
        taken += bucket.take(0).isZero() ? 1 : 0; // loads the classes
        from = System.currentTimeMillis();
        while (System.currentTimeMillis() < from + 3000) {
          Duration wait = bucket.take(0);
          taken += wait.isZero() ? 1 : 0;
          Thread.sleep(wait);
        }
      }
      System.out.println(taken + "\n" + from + "\n" + System.currentTimeMillis());
    }
  }
}
