package dev.inkling.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever waits for slices hears what goes on, and is the last one there. */
@Timeout(60)
class SlicesTest {
  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
    Torch.warmUp();
  }

  private static void sleep(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void manyShortSlicesLetTheWorldBeLookedAtAsOftenAsOneLongOne() {
    int slices = 40 * Runtime.getRuntime().availableProcessors();
    AtomicInteger looks = new AtomicInteger();
    try (Slices cores = new Slices()) {
      long started = System.nanoTime();
      cores.each(slices, _ -> sleep(10), looks::incrementAndGet);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);

      // Every 50 ms and the rest of a slice, with room for a busy machine.
      assertThat(looks.get()).isGreaterThanOrEqualTo((int) Math.min(3, millis / 100));
      assertThat(millis).isGreaterThanOrEqualTo(400);
    }
  }

  @Test
  void whenTheWaiterMustStopNoSliceBeginsAndThoseUnderWayAreAwaited() {
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    try (Slices cores = new Slices()) {
      assertThatThrownBy(
              () ->
                  cores.each(
                      1000,
                      _ -> {
                        begun.incrementAndGet();
                        sleep(200);
                        ended.incrementAndGet();
                      },
                      () -> {
                        throw new IllegalArgumentException("stop");
                      }))
          .hasMessage("stop");

      assertThat(ended.get()).isEqualTo(begun.get()).isPositive().isLessThan(1000);
    }
  }

  @Test
  void aSliceThatFailsEndsTheOthersWithItsOwnWords() {
    AtomicInteger begun = new AtomicInteger();
    try (Slices cores = new Slices()) {
      assertThatThrownBy(
              () ->
                  cores.each(
                      1000,
                      slice -> {
                        begun.incrementAndGet();
                        sleep(20);
                        if (slice == 0) {
                          throw new IllegalArgumentException("slice 0 failed");
                        }
                      },
                      () -> {}))
          .hasMessage("slice 0 failed");
      assertThat(begun.get()).isLessThan(1000);
    }
  }
}
