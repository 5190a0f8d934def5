package dev.inkling.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Trial;
import dev.inkling.spec.Budget;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowSemaphore;
import java.util.ArrayList;
import java.util.List;
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
  private final Stages stages = new Stages(board);

  @Override
  public ExperimentResult run(@Nullable JsonNode spec) {
    try {
      Plan plan = Calls.quick("from the spec to stages and keys").plan(spec);
      board.planned(plan);
      stages.begin(plan);
      board.state(stages.paused() ? "Paused" : "Running");
      if (plan.asksModels()) {
        board.warnings(Calls.quick("are the models there, and may we ask them").preflight(plan));
      }
      runTrials(plan);
      stages.release();
      ReportResult report =
          Calls.quick(plan.spec().name()).report(plan, stages.machines().orElse(null));
      board.state("Completed");
      Workflow.await(Workflow::isEveryHandlerFinished);
      return ExperimentResult.of(
          plan,
          report,
          board.count(Progress.State.DONE),
          board.count(Progress.State.REUSED),
          stages.spent(),
          stages.machines());
    } catch (ActivityFailure | CanceledFailure | ApplicationFailure e) {
      boolean cancelled = e instanceof CanceledFailure || e.getCause() instanceof CanceledFailure;
      if (cancelled) {
        // After a failure the jobs go on: whoever types the same command again wants them.
        stages.withdraw();
      }
      stages.release();
      board.state(cancelled ? "Cancelled" : "Failed");
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
    } catch (ActivityFailure | CanceledFailure | ApplicationFailure e) {
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
      trial.finetune().ifPresent(key -> stages.make(plan, key).get());
      trial.evaluations().values().forEach(key -> stages.make(plan, key).get());
    } finally {
      slots.release();
    }
  }

  /** How the history under way was begun: those of earlier versions go on as they were. */
  private static int version() {
    return Workflow.getVersion("protocol", Workflow.DEFAULT_VERSION, TRIALS_BEGIN_IN_TURN);
  }

  @Override
  public Progress progress() {
    return board.progress();
  }

  @Override
  public void pause() {
    stages.pause();
  }

  @Override
  public void unpause() {
    stages.unpause();
  }

  @Override
  public void budget(Budget budget) {
    stages.budget(budget);
  }
}
