package dev.inkling.activity;

import dev.inkling.plan.Stage;
import dev.inkling.workflow.StageRequest;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The log of one stage: whatever its thread logs until this is closed says whose it is, beside what
 * the Temporal SDK says of the activity.
 */
final class StageLog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StageLog.class);

  private final List<MDC.MDCCloseable> fields;

  private StageLog(Map<String, String> fields) {
    this.fields = fields.entrySet().stream().map(f -> put(f.getKey(), f.getValue())).toList();
  }

  @SuppressWarnings("MustBeClosedChecker") // closed together
  private static MDC.MDCCloseable put(String key, String value) {
    return MDC.putCloseable(key, value);
  }

  static StageLog open(StageRequest request, int attempt) {
    Stage stage = request.stage();
    StageLog opened =
        new StageLog(
            Map.of(
                "experiment", request.experiment(),
                "stage", stage.task().activity(),
                "name", stage.name(),
                "key", stage.shortKey(),
                "attempt", Integer.toString(attempt)));
    if (attempt == 1 || !stage.goesOnElsewhere()) {
      log.info("begins");
    }
    return opened;
  }

  /** The stage's own last word. */
  void made(boolean reused, String summary) {
    log.info("{}: {}", reused ? "was there already" : "done", summary);
  }

  @Override
  public void close() {
    fields.forEach(MDC.MDCCloseable::close);
  }
}
