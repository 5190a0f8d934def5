package dev.inkling.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Trial;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.CompletablePromise;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowSemaphore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The protocol: plan; for each condition its dataset, its student, its evaluation; then the report.
 */
public final class ExperimentWorkflow implements Experiment {
  /**
   * Before it, every trial had a thread from the beginning, and each event woke all that waited for
   * a slot, on every replay too.
   */
  private static final int TRIALS_BEGIN_IN_TURN = 1;

  private final Board board = new Board();
  private final Map<String, Promise<StageResult>> started = new HashMap<>();
  private final Set<CancellationScope> running = new LinkedHashSet<>();
  private boolean paused;

  @Override
  public ExperimentResult run(@Nullable JsonNode spec) {
    try {
      Plan plan = Calls.quick("from the spec to stages and keys").plan(spec);
      board.planned(plan);
      board.state(paused ? "Paused" : "Running");
      runTrials(plan);
      ReportResult report = Calls.quick(plan.spec().name()).report(plan);
      board.state("Completed");
      Workflow.await(Workflow::isEveryHandlerFinished);
      return ExperimentResult.of(
          plan, report, board.count(Progress.State.DONE), board.count(Progress.State.REUSED));
    } catch (ActivityFailure | CanceledFailure e) {
      board.state(
          e instanceof CanceledFailure || e.getCause() instanceof CanceledFailure
              ? "Cancelled"
              : "Failed");
      throw e;
    }
  }

  /** Every condition, at most so many at once as the spec allows. */
  private void runTrials(Plan plan) {
    WorkflowSemaphore slots = Workflow.newWorkflowSemaphore(plan.spec().compute().parallel());
    List<Promise<Void>> trials = new ArrayList<>();
    CancellationScope scope =
        Workflow.newCancellationScope(
            () -> {
              for (Trial trial : plan.trials()) {
                if (TRIALS_BEGIN_IN_TURN <= version()) {
                  slots.acquire();
                  // One that has failed fails the others here: allOf looks only at what it waits
                  // for.
                  trials.stream().filter(Promise::isCompleted).forEach(Promise::get);
                }
                trials.add(Async.procedure(this::runTrial, plan, trial, slots));
              }
            });
    try {
      scope.run();
      Promise.allOf(trials).get();
    } catch (ActivityFailure | CanceledFailure e) {
      // The first failure, or a cancellation, ends the others too, each at its next checkpoint.
      scope.cancel("another trial failed");
      trials.forEach(trial -> trial.handle((_, _) -> true).get());
      throw e;
    }
  }

  private void runTrial(Plan plan, Trial trial, WorkflowSemaphore slots) {
    if (version() < TRIALS_BEGIN_IN_TURN) {
      slots.acquire();
    }
    try {
      trial.finetune().ifPresent(key -> make(plan, key).get());
      trial.evaluations().values().forEach(key -> make(plan, key).get());
    } finally {
      slots.release();
    }
  }

  /** How the history under way was begun: those of earlier versions go on as they were. */
  private static int version() {
    return Workflow.getVersion("protocol", Workflow.DEFAULT_VERSION, TRIALS_BEGIN_IN_TURN);
  }

  /**
   * The stage's artifact, with those it needs; each distinct stage is done once, whoever asks
   * first.
   */
  private Promise<StageResult> make(Plan plan, String key) {
    Promise<StageResult> known = started.get(key);
    if (known != null) {
      return known;
    }
    CompletablePromise<StageResult> made = Workflow.newPromise();
    started.put(key, made);
    Stage stage = plan.stage(key);
    made.completeFrom(
        Async.function(
            () -> {
              stage.inputs().values().stream().sorted().forEach(input -> make(plan, input).get());
              return perform(plan, stage);
            }));
    return made;
  }

  /**
   * Does one stage; a pause cancels it at its next checkpoint and does it again from there
   * afterwards.
   */
  private StageResult perform(Plan plan, Stage stage) {
    while (true) {
      Workflow.await(() -> !paused);
      board.stage(stage, Progress.State.RUNNING, "");
      CompletablePromise<StageResult> done = Workflow.newPromise();
      CancellationScope scope =
          Workflow.newCancellationScope(
              () ->
                  done.completeFrom(
                      Async.function(Calls::stage, new StageRequest(plan.id(), stage))));
      running.add(scope);
      scope.run();
      try {
        StageResult result = done.get();
        board.stage(
            stage, result.reused() ? Progress.State.REUSED : Progress.State.DONE, result.summary());
        return result;
      } catch (ActivityFailure e) {
        // The workflow's own cancellation reaches the scope too, but then nobody asked for a pause.
        if (paused
            && e.getCause() instanceof CanceledFailure
            && !CancellationScope.current().isCancelRequested()) {
          board.stage(stage, Progress.State.WAITING, "paused at its checkpoint");
          continue;
        }
        board.stage(stage, Progress.State.FAILED, "");
        throw e;
      } finally {
        running.remove(scope);
      }
    }
  }

  @Override
  public Progress progress() {
    return board.progress();
  }

  @Override
  public void pause() {
    if (!paused) {
      paused = true;
      List.copyOf(running).forEach(scope -> scope.cancel("paused"));
      board.state("Paused");
    }
  }

  @Override
  public void unpause() {
    if (paused) {
      paused = false;
      board.state("Running");
    }
  }
}
