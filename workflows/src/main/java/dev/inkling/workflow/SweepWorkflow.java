package dev.inkling.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.SweepSpec;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The points in their order, a few at a time; every so many points wait for those under way and
 * begin a new history.
 */
public final class SweepWorkflow implements Sweep {
  /**
   * Points in one history: about a dozen events each, against the 51,200 at which a service ends a
   * workflow. Another number is another protocol for the histories under way.
   */
  private static final int POINTS_PER_RUN = 400;

  /** As long as a point's earlier workflow may take to reach its checkpoints after a cancel. */
  private static final int START_ATTEMPTS = 20;

  private final int pointsPerRun;
  private final TreeSet<Integer> running = new TreeSet<>();
  private @Nullable SweepState state;
  private String word = "Planning";
  private int begun;
  private int ended;
  private boolean pausedEarly;

  /** As Temporal makes it. */
  public SweepWorkflow() {
    this(POINTS_PER_RUN);
  }

  SweepWorkflow(int pointsPerRun) {
    this.pointsPerRun = pointsPerRun;
  }

  @Override
  public SweepResult run(@Nullable JsonNode document, @Nullable SweepState carried) {
    try {
      SweepState begin = carried != null ? carried : SweepState.begin(plan(document));
      state = begin.paused(begin.paused() || pausedEarly);
      SweepSpec sweep = SweepSpec.read(document);
      if (carried == null) {
        Workflow.upsertTypedSearchAttributes(
            Attributes.EXPERIMENT.valueSet(begin.plan().name()),
            Attributes.PRESET.valueSet(begin.plan().preset().orElse("none")));
        word(state().paused() ? "Paused" : "Running");
      } else {
        word = state().paused() ? "Paused" : "Running";
      }
      runPoints(sweep);
      if (!state().allBegun()) {
        Workflow.await(Workflow::isEveryHandlerFinished);
        Workflow.continueAsNew(document, state());
      }
      word("Completed");
      Workflow.await(Workflow::isEveryHandlerFinished);
      return new SweepResult(
          state().plan().id(),
          state().plan().points(),
          state().done(),
          state().failed(),
          workflowId(0) + " to " + workflowId(state().plan().points() - 1),
          state().failures());
    } catch (ActivityFailure | CanceledFailure e) {
      boolean cancelled = e instanceof CanceledFailure || e.getCause() instanceof CanceledFailure;
      word(cancelled ? "Cancelled" : "Failed");
      throw e;
    } catch (InvalidSpecException e) {
      throw Failures.INVALID_SPEC.of(e.getMessage());
    }
  }

  private static SweepPlan plan(@Nullable JsonNode document) {
    return Calls.quick("every point's spec").planSweep(document);
  }

  /** Begins points until all are begun or this history has enough, and waits for them. */
  private void runPoints(SweepSpec sweep) {
    try {
      while (true) {
        while (mayBegin(sweep)) {
          int point = state().next();
          state = state().started();
          begun++;
          running.add(point);
          Async.procedure(this::runPoint, sweep, point);
        }
        show();
        if (running.isEmpty() && (state().allBegun() || enough())) {
          return;
        }
        int before = ended;
        Workflow.await(() -> ended > before || mayBegin(sweep));
      }
    } catch (CanceledFailure e) {
      // The points are cancelled too, each at its next checkpoint.
      Workflow.newDetachedCancellationScope(() -> Workflow.await(running::isEmpty)).run();
      throw e;
    }
  }

  private boolean mayBegin(SweepSpec sweep) {
    return !state().paused()
        && !state().allBegun()
        && !enough()
        && running.size() < sweep.parallel();
  }

  /**
   * This history has enough points. The service's own word comes first where specs are large; both
   * are recorded, so a replay decides alike.
   */
  private boolean enough() {
    return begun >= pointsPerRun || Workflow.getInfo().isContinueAsNewSuggested();
  }

  private void runPoint(SweepSpec sweep, int point) {
    try {
      child(sweep, point);
      state = state().succeeded();
    } catch (ChildWorkflowFailure e) {
      if (!CancellationScope.current().isCancelRequested()) {
        state =
            state()
                .failed(
                    new SweepState.PointFailure(
                        point + 1, workflowId(point), sweep.label(point), message(e)));
      }
    } catch (CanceledFailure e) {
      // Cancelled before it began.
    } finally {
      running.remove(point);
      ended++;
    }
  }

  /**
   * One point as a child workflow. Where the same sweep was ended a moment ago, its points may
   * still be writing their checkpoints under the same ids.
   */
  private void child(SweepSpec sweep, int point) {
    for (int attempt = 1; ; attempt++) {
      Experiment experiment =
          Workflow.newChildWorkflowStub(
              Experiment.class,
              ChildWorkflowOptions.newBuilder()
                  .setWorkflowId(workflowId(point))
                  .setStaticSummary(sweep.label(point))
                  // A sweep that is terminated takes its points with it, as a cancelled one does.
                  .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_REQUEST_CANCEL)
                  .build());
      try {
        experiment.run(sweep.document(point));
        return;
      } catch (ChildWorkflowFailure e) {
        if (!(e.getCause() instanceof WorkflowExecutionAlreadyStarted)
            || attempt == START_ATTEMPTS) {
          throw e;
        }
        Workflow.sleep(Duration.ofSeconds(3));
      }
    }
  }

  private static String message(ChildWorkflowFailure failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return switch (cause) {
      case ApplicationFailure a -> String.valueOf(a.getOriginalMessage());
      case CanceledFailure _ -> "It was cancelled.";
      case WorkflowExecutionAlreadyStarted _ -> "A workflow with its id is under way already.";
      default -> String.valueOf(cause.getMessage());
    };
  }

  private String workflowId(int point) {
    return String.format("%s-%05d", Workflow.getInfo().getWorkflowId(), point + 1);
  }

  private SweepState state() {
    SweepState now = state;
    if (now == null) {
      throw new IllegalStateException("the sweep is not planned yet");
    }
    return now;
  }

  private void word(String word) {
    this.word = word;
    Workflow.upsertTypedSearchAttributes(Attributes.STATE.valueSet(word));
    show();
  }

  /** Of the same size however many points there are. */
  private void show() {
    Workflow.setCurrentDetails(markdown(progress()));
  }

  private static String markdown(SweepProgress p) {
    List<String> lines = new ArrayList<>();
    lines.add("## " + (p.sweep().isEmpty() ? "Sweep" : p.sweep()) + " — " + p.state());
    lines.add("");
    lines.add(Board.row("points", "done", "failed", "running"));
    lines.add("|---|---|---|---|");
    lines.add(Board.row("" + p.total(), "" + p.done(), "" + p.failed(), "" + p.running().size()));
    if (!p.failures().isEmpty()) {
      lines.add("");
      lines.add(Board.row("first failures", "values", "message"));
      lines.add("|---|---|---|");
      p.failures()
          .forEach(
              f -> lines.add(Board.row(f.workflow(), f.values(), f.message().replace('\n', ' '))));
    }
    return String.join("\n", lines);
  }

  @Override
  public SweepProgress progress() {
    SweepState now = state;
    if (now == null) {
      return new SweepProgress("", word, 0, 0, 0, List.of(), List.of());
    }
    return new SweepProgress(
        now.plan().id(),
        word,
        now.plan().points(),
        now.done(),
        now.failed(),
        running.stream().map(this::workflowId).toList(),
        now.failures());
  }

  @Override
  public void pause() {
    pause(true);
  }

  @Override
  public void unpause() {
    pause(false);
  }

  private void pause(boolean now) {
    SweepState there = state;
    if (there == null) {
      pausedEarly = now;
    } else if (there.paused() != now) {
      state = there.paused(now);
      word(now ? "Paused" : "Running");
    }
  }
}
