package dev.inkling.activity;

import dev.inkling.stage.Monitor;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** What a worker's stages did, as meters; every one is tagged with the stage's kind. */
public final class StageMeters {
  /** What a stage spent its time waiting for. */
  enum Wait {
    SLOT,
    CLAIM
  }

  /** How a stage ended here. */
  enum End {
    DONE,
    REUSED,
    STOPPED,
    /** A provider is at work on it; it is looked at again later. */
    WAITING,
    FAILED
  }

  private static final String STAGE = "stage";

  private final MeterRegistry registry;
  private final AtomicInteger running = new AtomicInteger();
  private final Map<String, AtomicReference<Double>> gauges = new ConcurrentHashMap<>();

  /** Meters in a registry. */
  public StageMeters(MeterRegistry registry) {
    this.registry = registry;
    registry.gauge("inkling.stages.running", running);
  }

  /** A stage was asked for. */
  Run begin(String kind) {
    return new Run(Tags.of(STAGE, kind), kind);
  }

  private void last(String name, String kind, double value) {
    gauges
        .computeIfAbsent(
            name + " " + kind,
            _ ->
                registry.gauge(
                    name,
                    Tags.of(STAGE, kind),
                    new AtomicReference<>(Double.NaN),
                    AtomicReference::get))
        .set(value);
  }

  /** One stage on this worker, from being asked for to its end. */
  final class Run {
    private final Tags tags;
    private final String kind;
    private final long begun = System.nanoTime();
    private long waited;
    private boolean works;
    private long counted;
    private boolean looked;

    private Run(Tags tags, String kind) {
      this.tags = tags;
      this.kind = kind;
    }

    void waited(Wait what, long nanos) {
      waited += nanos;
      registry
          .timer("inkling.wait", tags.and("for", word(what)))
          .record(nanos, TimeUnit.NANOSECONDS);
    }

    /**
     * The work begins.
     *
     * @param again whether an attempt before it ended early
     * @param lost the work of the attempt before that no checkpoint held
     */
    void works(boolean again, Duration lost) {
      works = true;
      running.incrementAndGet();
      registry.counter("inkling.attempts", tags).increment();
      // Both exist from the first stage on, so that a rate over them is never of nothing.
      registry.counter("inkling.retries", tags).increment(again ? 1 : 0);
      registry.counter("inkling.lost.work.seconds", tags).increment(lost.toNanos() / 1e9);
    }

    /** Counts what passes by; what an earlier attempt did is not counted as training steps. */
    Monitor counting(Monitor monitor) {
      return new Monitor() {
        @Override
        public void progress(long done, long total, String unit, Optional<Double> loss) {
          loss.ifPresent(l -> last("inkling.loss", kind, l));
          if (unit.equals("steps") && !looked) {
            counted = done;
          }
          if (unit.equals("steps") || unit.equals("rows")) {
            looked = true;
            count(unit, done);
          }
          monitor.progress(done, total, unit, loss);
        }

        @Override
        public void note(String text) {
          monitor.note(text);
        }

        @Override
        public void measured(Map<String, Double> values) {
          values.forEach(
              (name, value) -> last("inkling.training." + name.replace('_', '.'), kind, value));
          monitor.measured(values);
        }
      };
    }

    /** The work is whole: so much has been done in all. */
    void made(String unit, long amount) {
      count(unit, amount);
    }

    private void count(String unit, long done) {
      registry.counter("inkling." + unit, tags).increment((double) Math.max(0, done - counted));
      counted = Math.max(counted, done);
    }

    void ended(End end) {
      if (works) {
        running.decrementAndGet();
      }
      registry
          .timer("inkling.stage", tags.and("outcome", word(end)))
          .record(System.nanoTime() - begun - waited, TimeUnit.NANOSECONDS);
    }

    private static String word(Enum<?> constant) {
      return constant.name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
