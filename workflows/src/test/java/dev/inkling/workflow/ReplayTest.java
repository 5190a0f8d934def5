package dev.inkling.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.spec.Budget;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.testing.WorkflowHistoryLoader;
import io.temporal.testing.WorkflowReplayer;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
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
  @ValueSource(
      strings = {
        // Begun before the protocol had a version, and afterwards.
        "promptmlp-completed.json",
        "promptmlp-failed.json",
        "promptmlp-trials-in-turn.json",
        // A student trains; paused meanwhile; cancelled meanwhile.
        "promptmlp-unfinished.json",
        "promptmlp-paused.json",
        "promptmlp-cancelled.json",
        // The first machine ended at once, the second one was lost, the third one was given back.
        "machines-completed.json"
      })
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
  @ValueSource(
      strings = {
        "promptmlp-completed.json",
        "promptmlp-trials-in-turn.json",
        "promptmlp-unfinished.json",
        "promptmlp-paused.json",
        "promptmlp-cancelled.json",
        "machines-completed.json"
      })
  void anotherProtocolDoesNot(String history) {
    assertThatThrownBy(
            () ->
                WorkflowReplayer.replayWorkflowExecutionFromResource(
                    "histories/" + history, OtherProtocol.class))
        .isInstanceOf(Exception.class);
  }

  /**
   * The recorded histories hold what their names say; otherwise they prove less than they seem to.
   */
  @Test
  void theUnfinishedHistoriesStopInTheMiddleOfTodaysProtocol() throws Exception {
    assertThat(events("promptmlp-unfinished.json"))
        .contains(EventType.EVENT_TYPE_MARKER_RECORDED)
        .endsWith(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED);
    assertThat(events("promptmlp-paused.json"))
        .contains(EventType.EVENT_TYPE_MARKER_RECORDED, EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED)
        .endsWith(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED);
    assertThat(events("promptmlp-cancelled.json"))
        .endsWith(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED);
    assertThat(events("promptmlp-trials-in-turn.json"))
        .contains(EventType.EVENT_TYPE_MARKER_RECORDED)
        .endsWith(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED);
    assertThat(events("promptmlp-completed.json"))
        .doesNotContain(EventType.EVENT_TYPE_MARKER_RECORDED);
  }

  @Test
  void theHistoryWithMachinesHasThreeOfThem() throws Exception {
    assertThat(
            history("machines-completed.json")
                .map(e -> e.getActivityTaskScheduledEventAttributes().getActivityType().getName())
                .filter(name -> name.endsWith("Cluster")))
        .containsExactly(
            "DescribeCluster",
            "EnsureCluster",
            "EnsureCluster",
            "DescribeCluster",
            "EnsureCluster",
            "ReleaseCluster");
  }

  private static List<EventType> events(String history) throws Exception {
    return history(history).map(HistoryEvent::getEventType).toList();
  }

  private static Stream<HistoryEvent> history(String name) throws Exception {
    return WorkflowHistoryLoader.readHistoryFromResource("histories/" + name).getEvents().stream();
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
      return new Progress("", "", List.of());
    }

    @Override
    public void pause() {}

    @Override
    public void unpause() {}

    @Override
    public void budget(Budget budget) {}
  }
}
