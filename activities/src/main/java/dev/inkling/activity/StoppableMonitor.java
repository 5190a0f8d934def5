package dev.inkling.activity;

import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Ends a stage when its worker ends. */
record StoppableMonitor(Monitor monitor, BooleanSupplier stopping) implements Monitor {
  @Override
  public void progress(long done, long total, String unit, Optional<Double> loss) {
    if (stopping.getAsBoolean()) {
      throw new StopRequestedException(new InterruptedException("the worker stops"));
    }
    monitor.progress(done, total, unit, loss);
  }

  @Override
  public void note(String text) {
    monitor.note(text);
  }

  @Override
  public void measured(Map<String, Double> values) {
    monitor.measured(values);
  }
}
