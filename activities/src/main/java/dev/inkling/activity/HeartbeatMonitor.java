package dev.inkling.activity;

import dev.inkling.crash.CrashPoint;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.workflow.StageBeat;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Progress as heartbeats, a few each second at most; what Temporal answers ends the stage at its
 * next step.
 */
final class HeartbeatMonitor implements Monitor {
  private static final Logger log = LoggerFactory.getLogger(HeartbeatMonitor.class);
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final ActivityExecutionContext context;
  private final String key;
  private String note = "";
  private String measured = "";
  private long lastBeat = System.nanoTime() - EVERY_NANOS;
  private long firstTime;
  private long firstDone = -1;

  HeartbeatMonitor(ActivityExecutionContext context, String key) {
    this.context = context;
    this.key = key;
  }

  @Override
  public void progress(long done, long total, String unit, Optional<Double> loss) {
    long now = System.nanoTime();
    if (firstDone < 0 && total > 0) {
      firstDone = done;
      firstTime = now;
    }
    if (now - lastBeat < EVERY_NANOS) {
      return;
    }
    lastBeat = now;
    double seconds = (now - firstTime) / 1e9;
    double perSecond = total > 0 && seconds > 0 ? (done - firstDone) / seconds : 0;
    beat(new StageBeat(key, done, total, unit, perSecond, loss, words()));
  }

  @Override
  public void note(String text) {
    note = text;
    if (!text.isEmpty()) {
      log.info("{}", text);
    }
  }

  @Override
  public void measured(Map<String, Double> values) {
    measured =
        String.format(
            Locale.ROOT,
            "lr %.3g, gradient norm %.3g, %,.0f tokens/s, peak memory %.2f GiB",
            values.getOrDefault("lr", Double.NaN),
            values.getOrDefault("grad_norm", Double.NaN),
            values.getOrDefault("tokens_per_second", Double.NaN),
            values.getOrDefault("peak_memory_bytes", Double.NaN) / (1 << 30));
  }

  /** What people should know, for example what it waits for, and what the last step measured. */
  private Optional<String> words() {
    String both =
        Stream.of(note, measured).filter(text -> !text.isEmpty()).collect(Collectors.joining("; "));
    return both.isEmpty() ? Optional.empty() : Optional.of(both);
  }

  private void beat(StageBeat beat) {
    CrashPoint.HEARTBEAT.reached();
    try {
      context.heartbeat(beat);
    } catch (ActivityCompletionException e) {
      throw new StopRequestedException(e);
    }
  }
}
