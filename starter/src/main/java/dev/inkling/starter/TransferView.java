package dev.inkling.starter;

import dev.inkling.stage.Monitor;
import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A transfer for people: one line that is redrawn on a terminal, plain lines where there is none.
 */
final class TransferView implements Monitor {
  private static final long PLAIN_EVERY_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long DRAW_EVERY_NANOS = Duration.ofMillis(200).toNanos();

  /** A second or two of redrawn lines make up most of the pace that is shown. */
  private static final double SMOOTHING = 0.2;

  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier clock;
  private long told;
  private long doneThen = -1;
  private double perSecond;
  private boolean drawn;

  /**
   * A view.
   *
   * @param clock nanoseconds since some moment
   */
  TransferView(PrintStream out, boolean terminal, LongSupplier clock) {
    this.out = out;
    this.terminal = terminal;
    this.clock = clock;
    this.told = clock.getAsLong();
  }

  @SuppressWarnings("SystemConsoleNull") // on JDK 25 it is null again where there is no terminal
  static TransferView forTerminal() {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    return new TransferView(
        System.err, terminal && System.getenv("NO_COLOR") == null, System::nanoTime);
  }

  @Override
  public void progress(long done, long total, String unit, Optional<Double> loss) {
    long now = clock.getAsLong();
    if (total == 0 || now - told < (terminal ? DRAW_EVERY_NANOS : PLAIN_EVERY_NANOS)) {
      return;
    }
    if (doneThen >= 0) {
      double lately = Math.max(0, done - doneThen) / ((now - told) / 1e9);
      perSecond = perSecond == 0 ? lately : perSecond + SMOOTHING * (lately - perSecond);
    }
    told = now;
    doneThen = done;
    erase();
    out.print(line(done, total, perSecond) + (terminal ? "" : "\n"));
    out.flush();
    drawn = terminal;
  }

  /**
   * How far it is.
   *
   * @param perSecond 0 where nobody can say yet
   */
  static String line(long done, long total, double perSecond) {
    String line = size(done) + " of " + size(total);
    if (perSecond > 0) {
      line += " · " + size((long) perSecond) + "/s · ";
      line += ProgressView.span((total - done) / perSecond) + " left";
    }
    return line;
  }

  static String size(long bytes) {
    return bytes < 1_000_000_000
        ? ArtifactsCommand.size(bytes)
        : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }

  @Override
  public void note(String text) {
    if (!text.isEmpty()) {
      erase();
      out.println(text);
    }
  }

  /** The last word: nothing more is redrawn. */
  void end() {
    erase();
    out.flush();
  }

  private void erase() {
    if (drawn) {
      out.print("\r\u001b[K");
      drawn = false;
    }
  }
}
