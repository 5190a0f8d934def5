package dev.inkling.workflow;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.testing.WorkflowReplayer;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Histories of real runs must replay on today's code, or experiments under way would be stuck after
 * a deployment.
 */
class ReplayTest {
  @ParameterizedTest
  @ValueSource(strings = {"promptmlp-completed.json", "promptmlp-failed.json"})
  void aRecordedHistoryReplaysOnTodaysCode(String history) {
    assertThatCode(
            () ->
                WorkflowReplayer.replayWorkflowExecutionFromResource(
                    "histories/" + history, ExperimentWorkflow.class))
        .doesNotThrowAnyException();
  }

  @Test
  void aRecordedSweepReplaysOnTodaysCode() {
    assertThatCode(
            () ->
                WorkflowReplayer.replayWorkflowExecutionFromResource(
                    "histories/sweep-completed.json", SweepWorkflow.class))
        .doesNotThrowAnyException();
  }

  @Test
  void aRecordedSweepDoesNotReplayOnShorterRuns() {
    assertThatThrownBy(
            () ->
                WorkflowReplayer.replayWorkflowExecutionFromResource(
                    "histories/sweep-completed.json", ShorterRuns.class))
        .isInstanceOf(Exception.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"promptmlp-completed.json"})
  void anotherProtocolDoesNot(String history) {
    assertThatThrownBy(
            () ->
                WorkflowReplayer.replayWorkflowExecutionFromResource(
                    "histories/" + history, OtherProtocol.class))
        .isInstanceOf(Exception.class);
  }

  /** Begins a new history where the recorded one goes on. */
  public static final class ShorterRuns implements Sweep {
    private final SweepWorkflow sweep = new SweepWorkflow(1);

    @Override
    public SweepResult run(@Nullable JsonNode document, @Nullable SweepState carried) {
      return sweep.run(document, carried);
    }

    @Override
    public SweepProgress progress() {
      return sweep.progress();
    }

    @Override
    public void pause() {}

    @Override
    public void unpause() {}
  }

  /** Sleeps where the real protocol plans. */
  public static final class OtherProtocol implements Experiment {
    @Override
    public ExperimentResult run(@Nullable JsonNode spec) {
      Workflow.sleep(Duration.ofSeconds(1));
      throw Failures.UNEXPECTED.last("never reached");
    }

    @Override
    public Progress progress() {
      return new Progress("", "", java.util.List.of());
    }

    @Override
    public void pause() {}

    @Override
    public void unpause() {}
  }
}
