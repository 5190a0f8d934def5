package dev.inkling.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a worker ends by itself. */
@Timeout(20)
class LifespanTest {
  @Test
  void aWorkerEndsWhenItWasIdleForSoLongInOnePiece() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    Lifespan lifespan = new Lifespan(Optional.of(Duration.ofMinutes(10)), Optional.empty());

    // Idle for nearly so long, then at work, then idle for long enough.
    String why =
        lifespan.await(
            () ->
                switch (looks.getAndIncrement()) {
                  case 0 -> Duration.ofMinutes(10).minusNanos(1);
                  case 1 -> Duration.ZERO;
                  default -> Duration.ofMinutes(10);
                });

    assertThat(why).isEqualTo("no stage ran for 10 min");
    assertThat(looks).hasValue(3);
  }

  @Test
  void aWorkerThatIsNeverIdleEndsWhenItsLifeIsOver() throws Exception {
    Lifespan lifespan =
        new Lifespan(Optional.of(Duration.ofMillis(1)), Optional.of(Duration.ofSeconds(2)));
    long begun = System.nanoTime();

    assertThat(lifespan.await(() -> Duration.ZERO)).isEqualTo("its life of 2 s is over");
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
  }
}
