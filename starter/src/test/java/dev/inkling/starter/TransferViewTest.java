package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How far a transfer is. */
class TransferViewTest {
  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private final AtomicLong now = new AtomicLong(-5);

  private TransferView view(boolean terminal) {
    return new TransferView(
        new PrintStream(shown, true, StandardCharsets.UTF_8), terminal, now::get);
  }

  private String shown() {
    return shown.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aLineSaysHowMuchHowFastAndHowLongStill() {
    assertThat(TransferView.line(1_500_000_000, 6_000_000_000L, 50e6))
        .isEqualTo("1.50 GB of 6.00 GB · 50.0 MB/s · 1:30 left");
    assertThat(TransferView.line(0, 2_000_000, 0)).isEqualTo("0.0 kB of 2.0 MB");
  }

  @Test
  void aTerminalsLineIsDrawnAgainAndGivesWayToNotes() {
    TransferView view = view(true);
    for (long megabytes = 1; megabytes <= 2; megabytes++) {
      now.addAndGet(TimeUnit.MILLISECONDS.toNanos(250));
      view.progress(megabytes * 1_000_000, 4_000_000, "bytes", Optional.empty());
      view.progress(megabytes * 1_000_000 + 1, 4_000_000, "bytes", Optional.empty());
    }
    view.note("something");

    assertThat(shown())
        .isEqualTo(
            "1.0 MB of 4.0 MB\r\u001b[K2.0 MB of 4.0 MB · 4.0 MB/s · 0:01 left\r\u001b[Ksomething\n");
  }

  @Test
  void withoutATerminalThereIsALineEveryTenSeconds() {
    TransferView view = view(false);
    for (int second = 1; second <= 15; second++) {
      now.addAndGet(TimeUnit.SECONDS.toNanos(1));
      view.progress(second * 100L, 1000, "bytes", Optional.empty());
    }
    view.end();

    assertThat(shown()).isEqualTo("1.0 kB of 1.0 kB\n");
  }
}
