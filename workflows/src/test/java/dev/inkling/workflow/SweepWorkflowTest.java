package dev.inkling.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.spec.Budget;
import io.temporal.api.enums.v1.EventType;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.testing.WorkflowReplayer;
import io.temporal.worker.Worker;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The points of a sweep: in which order, how many at once, and what a failure, a pause, a
 * cancellation and a new history leave.
 */
@Timeout(60)
class SweepWorkflowTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int POINTS_PER_RUN = 5;

  private final Points points = new Points();
  private TestWorkflowEnvironment environment;

  /** What the children did. */
  private static final class Points {
    final List<Integer> order = new CopyOnWriteArrayList<>();
    final Set<Integer> running = ConcurrentHashMap.newKeySet();
    final Set<Integer> cancelled = ConcurrentHashMap.newKeySet();
    volatile int mostAtOnce;
    volatile int refused = -1;
    volatile Duration takes = Duration.ofMinutes(10);

    synchronized void begin(int rows) {
      if (running.add(rows)) {
        order.add(rows);
        mostAtOnce = Math.max(mostAtOnce, running.size());
      }
    }
  }

  /** A child that sleeps instead of training. */
  public static final class SleepingExperiment implements Experiment {
    private final Points points;

    SleepingExperiment(Points points) {
      this.points = points;
    }

    @Override
    public ExperimentResult run(@Nullable JsonNode spec) {
      int rows = spec == null ? -1 : spec.at("/datasets/prompts/rows").asInt();
      points.begin(rows);
      try {
        // Later points take less, so that they do not end in the order in which they began.
        Workflow.sleep(points.takes.minusSeconds(rows));
        if (rows == points.refused) {
          throw ApplicationFailure.newNonRetryableFailure("The disk is full.", "StoreUnusable");
        }
        return new ExperimentResult(
            "point",
            "?",
            "/reports/report.html",
            "",
            List.of(),
            1,
            0,
            "/reports",
            List.of(),
            Optional.empty(),
            Optional.empty());
      } catch (CanceledFailure e) {
        points.cancelled.add(rows);
        throw e;
      } finally {
        points.running.remove(rows);
      }
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

  @BeforeEach
  void start() {
    environment = TestServer.open();
    Worker worker = environment.newWorker(Experiment.TASK_QUEUE);
    worker.registerWorkflowImplementationFactory(
        Sweep.class, () -> new SweepWorkflow(POINTS_PER_RUN));
    worker.registerWorkflowImplementationFactory(
        Experiment.class, () -> new SleepingExperiment(points));
    worker.registerActivitiesImplementations(new FakeActivities());
    environment.start();
  }

  @AfterEach
  void stop() {
    environment.close();
  }

  private static ObjectNode sweep(int points, int parallel) throws Exception {
    ObjectNode sweep = JSON.createObjectNode().put("parallel", parallel);
    sweep.set("experiment", JSON.readTree(TinySpec.JSON));
    var rows = sweep.putObject("grid").putArray("datasets.prompts.rows");
    IntStream.rangeClosed(1, points).forEach(rows::add);
    return sweep;
  }

  private WorkflowStub begin(Object... input) {
    WorkflowStub workflow =
        environment
            .getWorkflowClient()
            .newUntypedWorkflowStub(
                Sweep.TYPE,
                WorkflowOptions.newBuilder()
                    .setWorkflowId("tiny")
                    .setTaskQueue(Experiment.TASK_QUEUE)
                    .build());
    workflow.start(input);
    return workflow;
  }

  private SweepProgress progress() {
    return environment
        .getWorkflowClient()
        .newUntypedWorkflowStub("tiny")
        .query("progress", SweepProgress.class);
  }

  /** The children in the order in which the sweep began them. */
  private static List<String> begun(WorkflowExecutionHistory history) {
    return history.getEvents().stream()
        .filter(e -> e.hasStartChildWorkflowExecutionInitiatedEventAttributes())
        .map(e -> e.getStartChildWorkflowExecutionInitiatedEventAttributes().getWorkflowId())
        .toList();
  }

  private void await(java.util.function.BooleanSupplier there) throws InterruptedException {
    for (int i = 0; i < 200 && !there.getAsBoolean(); i++) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
    assertThat(there.getAsBoolean()).isTrue();
  }

  @Test
  void pointsBeginInTheirOrderAndNeverMoreThanTheWindowAtOnce() throws Exception {
    SweepResult result = begin(sweep(4, 3)).getResult(SweepResult.class);

    assertThat(begun(environment.getWorkflowClient().fetchHistory("tiny")))
        .containsExactly("tiny-00001", "tiny-00002", "tiny-00003", "tiny-00004");
    assertThat(points.mostAtOnce).isEqualTo(3);
    assertThat(result.done()).isEqualTo(4);
    assertThat(result.failed()).isZero();
    assertThat(result.workflows()).isEqualTo("tiny-00001 to tiny-00004");
  }

  @Test
  void aNewHistoryBeginsAfterSoManyPointsAndLosesNone() throws Exception {
    points.refused = 3;
    WorkflowStub first = begin(sweep(12, 2));
    String firstRun = first.getExecution().getRunId();

    SweepResult result = first.getResult(SweepResult.class);

    assertThat(points.order)
        .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 12).boxed().toList());
    assertThat(points.mostAtOnce).isEqualTo(2);
    assertThat(result.done()).isEqualTo(11);
    assertThat(result.failed()).isEqualTo(1);
    assertThat(result.failures())
        .containsExactly(
            new SweepState.PointFailure(
                3, "tiny-00003", "datasets.prompts.rows=3", "The disk is full."));
    WorkflowExecutionHistory history =
        environment.getWorkflowClient().fetchHistory("tiny", firstRun);
    assertThat(history.getLastEvent().getEventType())
        .isEqualTo(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW);
    assertThat(begun(history)).hasSize(POINTS_PER_RUN);
  }

  @Test
  void aCancelledSweepCancelsThePointsUnderWayAndWaitsForThem() throws Exception {
    points.takes = Duration.ofDays(1000);
    WorkflowStub workflow = begin(sweep(4, 2));
    await(() -> points.running.size() == 2);

    workflow.cancel();

    assertThatThrownBy(() -> workflow.getResult(SweepResult.class))
        .hasRootCauseInstanceOf(CanceledFailure.class);
    assertThat(points.cancelled).containsExactlyInAnyOrder(1, 2);
    assertThat(points.order).containsExactlyInAnyOrder(1, 2);
    assertThat(progress().state()).isEqualTo("Cancelled");
    assertThat(progress().running()).isEmpty();
    assertThat(progress().failed()).isZero();
  }

  @Test
  void aPausedSweepBeginsNoFurtherPoint() throws Exception {
    WorkflowStub workflow = begin(sweep(4, 2));
    TestServer.still(environment, workflow).update("pause", Void.class);
    environment.sleep(Duration.ofDays(7));

    SweepProgress paused = progress();
    assertThat(paused.state()).isEqualTo("Paused");
    assertThat(paused.running()).isEmpty();
    int begun = points.order.size();
    assertThat(begun).isLessThan(4);

    TestServer.still(environment, workflow).update("unpause", Void.class);

    assertThat(workflow.getResult(SweepResult.class).done()).isEqualTo(4);
    assertThat(points.order).containsExactlyInAnyOrder(1, 2, 3, 4);
  }

  @Test
  void anInvalidSweepFailsAtOnceWithEveryProblem() throws Exception {
    ObjectNode sweep = sweep(4, 0);
    sweep.putObject("grid").putArray("seeds");
    sweep.put("gird", 1);

    assertThatThrownBy(() -> begin(sweep).getResult(SweepResult.class))
        .hasStackTraceContaining("gird: there is no field 'gird' in a sweep, did you mean 'grid'?")
        .hasStackTraceContaining("grid.seeds: must be a list of at least one value, got []")
        .hasStackTraceContaining("parallel: must be a whole number from 1 to 100, got 0");
    assertThat(points.order).isEmpty();
  }

  @Test
  void noInputAtAllFailsAtOnce() {
    assertThatThrownBy(() -> begin().getResult(SweepResult.class))
        .hasStackTraceContaining("a sweep is an object, for example");
  }

  @Test
  void theHistoryIsSmallAndReplays() throws Exception {
    begin(sweep(4, 2)).getResult(SweepResult.class);
    WorkflowExecutionHistory history = environment.getWorkflowClient().fetchHistory("tiny");

    WorkflowReplayer.replayWorkflowExecution(history, SweepWorkflow.class);
    // A dozen events for each point, and what frames them.
    assertThat(history.getEvents().size()).isLessThan(4 * 13 + 15);
  }
}
