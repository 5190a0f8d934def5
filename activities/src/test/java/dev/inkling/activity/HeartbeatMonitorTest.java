package dev.inkling.activity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.workflow.StageBeat;
import io.temporal.activity.ActivityExecutionContext;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HeartbeatMonitorTest {
  private final List<StageBeat> beats = new ArrayList<>();

  private final HeartbeatMonitor monitor =
      new HeartbeatMonitor(
          (ActivityExecutionContext)
              Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {ActivityExecutionContext.class},
                  (_, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("heartbeat");
                    return beats.add((StageBeat) arguments[0]) ? null : beats;
                  }),
          "key");

  private String words() {
    monitor.progress(6, 24, "steps", Optional.of(0.5));
    return beats.getLast().note().orElse("");
  }

  private void measure() {
    monitor.measured(
        Map.of(
            "lr", 2e-4,
            "grad_norm", 1.25,
            "tokens_per_second", 1500.0,
            "peak_memory_bytes", 3.0 * (1 << 30)));
  }

  @Test
  void whatAStepMeasuredStandsBesideTheNoteOfAResume() {
    monitor.note("went on from step 5");
    measure();

    assertThat(words())
        .isEqualTo(
            "went on from step 5; lr 0.000200, gradient norm 1.25, 1,500 tokens/s, peak memory 3.00 GiB");
  }

  @Test
  void eitherStandsAlone() {
    measure();
    assertThat(words()).startsWith("lr 0.000200");
  }

  @Test
  void whereNothingIsSaidThereAreNoWords() {
    assertThat(words()).isEmpty();
  }
}
