package dev.inkling.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two workers of one machine. */
class NeighboursTest {
  @TempDir Path directory;

  private final AtomicLong nanos = new AtomicLong();

  private Neighbours worker() {
    return new Neighbours(directory.resolve("busy"), nanos::get);
  }

  private void minutePasses() {
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
  }

  @Test
  void nobodyIsIdleWhileAnotherOneIsAtWork() {
    Neighbours busy = worker();
    Neighbours waits = worker();
    for (int minute = 0; minute < 60; minute++) {
      minutePasses();
      assertThat(busy.idle(Duration.ZERO)).isZero();
      assertThat(waits.idle(Duration.ofMinutes(minute))).isZero();
    }
    // Now the other one has nothing to do either.
    for (int minute = 1; minute <= 10; minute++) {
      minutePasses();
      assertThat(busy.idle(Duration.ofMinutes(minute))).isEqualTo(Duration.ofMinutes(minute));
      assertThat(waits.idle(Duration.ofHours(1).plusMinutes(minute)))
          .isEqualTo(Duration.ofMinutes(minute));
    }
  }

  @Test
  void aStageThatWasShorterThanALookCounts() {
    Neighbours quick = worker();
    Neighbours waits = worker();
    minutePasses();
    quick.idle(Duration.ofMillis(500));
    assertThat(waits.idle(Duration.ofMinutes(9))).isZero();
  }

  @Test
  void withoutTheFileEachIsIdleForItself() throws Exception {
    Neighbours one = worker();
    one.idle(Duration.ZERO);
    Files.delete(directory.resolve("busy"));
    assertThat(one.idle(Duration.ofMinutes(10))).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void whereNothingNamesTheFileThereAreNone() {
    assertThat(Neighbours.of(Map.of())).isEmpty();
    assertThat(Neighbours.of(Map.of(Neighbours.FILE, ""))).isEmpty();
    assertThat(Neighbours.of(Map.of(Neighbours.FILE, directory.resolve("x").toString())))
        .isPresent();
  }
}
