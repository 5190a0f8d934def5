package dev.inkling.stage;

import java.util.Map;
import java.util.Optional;

/** Where a stage tells how far it is, and hears that it must stop. */
public interface Monitor {
  /**
   * Tells the progress; cheap enough for every step.
   *
   * @throws StopRequestedException if the stage must stop: it writes its checkpoint and lets the
   *     exception pass
   */
  void progress(long done, long total, String unit, Optional<Double> loss);

  /**
   * Tells something that people should see beside the progress, such as what the stage waits for.
   */
  void note(String text);

  /** Tells what a step has measured, by the field's names: loss, lr, grad_norm and so on. */
  default void measured(Map<String, Double> values) {}

  /** A monitor that listens to nobody, for tests. */
  static Monitor silent() {
    return new Monitor() {
      @Override
      public void progress(long done, long total, String unit, Optional<Double> loss) {}

      @Override
      public void note(String text) {}
    };
  }
}
