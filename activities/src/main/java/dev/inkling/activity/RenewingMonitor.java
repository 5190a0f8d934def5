package dev.inkling.activity;

import dev.inkling.artifact.Store;
import dev.inkling.stage.Monitor;
import java.util.Map;
import java.util.Optional;

/**
 * Renews the claim while the stage makes progress, a few times within the time after which it would
 * be stale.
 */
final class RenewingMonitor implements Monitor {
  private final Monitor monitor;
  private final Store.Work work;
  private long renewed = System.nanoTime();

  RenewingMonitor(Monitor monitor, Store.Work work) {
    this.monitor = monitor;
    this.work = work;
  }

  @Override
  public void progress(long done, long total, String unit, Optional<Double> loss) {
    monitor.progress(done, total, unit, loss);
    if (System.nanoTime() - renewed > work.renewEvery().toNanos()) {
      work.renew();
      renewed = System.nanoTime();
    }
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
