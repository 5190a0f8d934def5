package dev.inkling.workflow;

import dev.inkling.plan.Plan;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Stage;
import dev.inkling.spec.Budget;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.CompletablePromise;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowSemaphore;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The experiment's stages: each distinct one is done once, waits while the experiment is paused,
 * and parks where the budget ends.
 */
final class Stages {
  private final Board board;
  private final Clusters clusters;
  private final Purse purse = new Purse();
  private final Map<String, Promise<StageResult>> started = new HashMap<>();
  private final Set<CancellationScope> running = new LinkedHashSet<>();

  /** Stages that have begun and may have left jobs or batches under way at a provider. */
  private final Map<String, StageRequest> elsewhere = new LinkedHashMap<>();

  /** What is left of a budget is only known while nobody else spends. */
  private final WorkflowSemaphore spending = Workflow.newWorkflowSemaphore(1);

  private boolean budgeted;
  private boolean paused;
  private int raised;

  Stages(Board board) {
    this.board = board;
    this.clusters = new Clusters(board);
  }

  /** Begins with the plan's budget, unless another was set before. */
  void begin(Plan plan) {
    clusters.begin(plan);
    if (raised == 0) {
      purse.holds(plan.spec().budget());
      budgeted = plan.spec().budget().isPresent();
    }
  }

  /**
   * The stage's artifact, with those it needs; each distinct stage is done once, whoever asks
   * first.
   */
  Promise<StageResult> make(Plan plan, String key) {
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

  private StageResult perform(Plan plan, Stage stage) {
    if (!budgeted || !stage.task().ofLanguage()) {
      return persist(plan, stage);
    }
    spending.acquire();
    try {
      return persist(plan, stage);
    } finally {
      spending.release();
    }
  }

  /**
   * Does one stage; a pause cancels it at its next checkpoint, and the end of the budget ends it:
   * it is done again from there afterwards.
   */
  private StageResult persist(Plan plan, Stage stage) {
    while (true) {
      Workflow.await(() -> !paused);
      board.stage(stage, Progress.State.RUNNING, "");
      CompletablePromise<StageResult> done = Workflow.newPromise();
      StageRequest request = new StageRequest(plan.id(), stage, purse.allowance(stage));
      CancellationScope scope =
          Workflow.newCancellationScope(
              () ->
                  done.completeFrom(
                      Async.function(clusters::perform, plan.spec().compute(), request)));
      running.add(scope);
      if (stage.goesOnElsewhere()) {
        elsewhere.put(stage.key(), request);
      }
      scope.run();
      try {
        StageResult result = done.get();
        elsewhere.remove(stage.key());
        result.spend().ifPresent(spend -> purse.spent(stage, spend));
        board.spent(purse.total());
        board.stage(
            stage, result.reused() ? Progress.State.REUSED : Progress.State.DONE, result.summary());
        return result;
      } catch (ActivityFailure | CanceledFailure e) {
        if (Failures.BUDGET_EXCEEDED.is(e.getCause())) {
          park(stage, (ApplicationFailure) e.getCause());
          continue;
        }
        // The workflow's own cancellation reaches the scope too; only a pause, which may be over by
        // now, ends it alone.
        boolean cancelled = e instanceof CanceledFailure || e.getCause() instanceof CanceledFailure;
        boolean pausedHere =
            scope.isCancelRequested() && !CancellationScope.current().isCancelRequested();
        if (cancelled && pausedHere) {
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

  /** Waits for a larger budget, or for the end. */
  private void park(Stage stage, ApplicationFailure exceeded) {
    purse.spent(stage, exceeded.getDetails().get(Spend.class));
    board.spent(purse.total());
    board.stage(stage, Progress.State.WAITING, exceeded.getOriginalMessage());
    board.state(Progress.PARKED);
    int before = raised;
    Workflow.await(() -> raised > before);
    board.state(paused ? "Paused" : "Running");
  }

  /**
   * Ends what is under way at providers, also when the workflow itself is cancelled. If a provider
   * cannot be reached for long, the workflow ends all the same.
   */
  void withdraw() {
    if (!elsewhere.isEmpty()) {
      CancellationScope detached =
          Workflow.newDetachedCancellationScope(
              () ->
                  elsewhere.values().stream()
                      .map(request -> Async.procedure(Calls::withdraw, request))
                      .toList()
                      .forEach(withdrawn -> withdrawn.handle((_, _) -> true).get()));
      detached.run();
    }
  }

  /** Gives back what was made for the experiment, also when the workflow itself is cancelled. */
  void release() {
    clusters.release();
  }

  /** What machines that were made for the experiment have taken; empty if there were none. */
  Optional<MachineUse> machines() {
    return clusters.use();
  }

  /** What was spent so far. */
  Spend spent() {
    return purse.total();
  }

  /** Another budget from now on. */
  void budget(Budget budget) {
    purse.holds(Optional.of(budget));
    budgeted = true;
    raised++;
  }

  boolean paused() {
    return paused;
  }

  void pause() {
    if (!paused) {
      paused = true;
      List.copyOf(running).forEach(scope -> scope.cancel("paused"));
      board.state("Paused");
    }
  }

  void unpause() {
    if (paused) {
      paused = false;
      board.state("Running");
    }
  }
}
