package dev.inkling.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AttendedTest {
  @Test
  void whoWaitsSaysThatItIsAliveAndTheWorkIsDoneToItsEnd() throws IOException {
    AtomicInteger beats = new AtomicInteger();
    String done =
        Attended.call(
            () -> {
              beats.incrementAndGet();
              throw new IllegalStateException("stop");
            },
            () -> sleeps(2500));
    assertThat(done).isEqualTo("done");
    assertThat(beats).hasValueBetween(1, 3);
  }

  @Test
  void whatIsQuickCostsNoBeatAndWhatFailsFailsHere() throws IOException {
    AtomicInteger beats = new AtomicInteger();
    assertThat(Attended.call(beats::incrementAndGet, () -> "done")).isEqualTo("done");
    assertThatThrownBy(
            () ->
                Attended.call(
                    beats::incrementAndGet,
                    () -> {
                      throw new IOException("torn");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("torn");
    assertThat(beats).hasValue(0);
  }

  @Test
  void anInterruptionReachesTheWorkAndIsNotForgotten() throws IOException {
    Thread.currentThread().interrupt();
    assertThat(Attended.call(() -> {}, () -> sleeps(20_000))).isEqualTo("interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }

  private static String sleeps(long millis) {
    try {
      Thread.sleep(millis);
      return "done";
    } catch (InterruptedException e) {
      return "interrupted";
    }
  }
}
