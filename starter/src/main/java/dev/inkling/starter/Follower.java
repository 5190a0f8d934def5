package dev.inkling.starter;

import dev.inkling.plan.Plan;
import dev.inkling.workflow.ExperimentResult;
import dev.inkling.workflow.Failures;
import dev.inkling.workflow.Progress;
import dev.inkling.workflow.StageBeat;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowQueryException;
import io.temporal.client.WorkflowServiceException;
import io.temporal.client.WorkflowStub;
import io.temporal.common.converter.DataConverterException;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TerminatedFailure;
import io.temporal.failure.TimeoutFailure;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for an experiment and shows how far its stages are. */
final class Follower {
  /** Looking costs the worker time too, so it becomes rarer as the experiment grows long. */
  private static final long OFTEN_MILLIS = 400;

  private static final long SELDOM_MILLIS = 1000;

  private final WorkflowClient client;
  private final WorkflowStub workflow;
  private final ProgressView view;

  Follower(WorkflowClient client, WorkflowStub workflow, Plan plan) {
    this.client = client;
    this.workflow = workflow;
    this.view = ProgressView.forTerminal(plan);
  }

  Outcome follow() {
    CompletableFuture<ExperimentResult> result = workflow.getResultAsync(ExperimentResult.class);
    long started = System.nanoTime();
    while (true) {
      long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
      try {
        ExperimentResult done =
            result.get(
                Math.clamp(elapsed / 20, OFTEN_MILLIS, SELDOM_MILLIS), TimeUnit.MILLISECONDS);
        lookLast();
        return new Outcome.Done(done);
      } catch (TimeoutException e) {
        look();
      } catch (ExecutionException e) {
        lookLast();
        return ended(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Outcome.Ended("left");
      }
    }
  }

  private void lookLast() {
    look();
    view.end();
  }

  private void look() {
    try {
      Progress progress = workflow.query("progress", Progress.class);
      view.show(progress, beats());
    } catch (WorkflowServiceException | io.grpc.StatusRuntimeException e) {
      // No worker answers the query yet, or the server is busy: the next look will do.
      view.waiting();
    } catch (WorkflowQueryException e) {
      // The worker's machine is too busy to answer: what is shown grows old, nothing else.
    }
  }

  /**
   * The last heartbeats of the running stages, by their key. One that waits for a provider has told
   * how far it is when it was looked at last.
   */
  private Map<String, StageBeat> beats() {
    var description =
        client
            .getWorkflowServiceStubs()
            .blockingStub()
            .describeWorkflowExecution(
                DescribeWorkflowExecutionRequest.newBuilder()
                    .setNamespace(client.getOptions().getNamespace())
                    .setExecution(workflow.getExecution())
                    .build());
    Map<String, StageBeat> beats = new HashMap<>();
    for (PendingActivityInfo activity : description.getPendingActivitiesList()) {
      beat(activity.getHeartbeatDetails())
          // An attempt that has just begun says less than how the one before it failed.
          .filter(beat -> beat.total() > 0 || !beat.note().orElse("").isBlank())
          .or(() -> beat(activity.getLastFailure().getApplicationFailureInfo().getDetails()))
          .ifPresent(b -> beats.put(b.key(), b));
    }
    return beats;
  }

  private Optional<StageBeat> beat(Payloads details) {
    if (details.getPayloadsCount() == 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          client
              .getOptions()
              .getDataConverter()
              .fromPayload(details.getPayloads(0), StageBeat.class, StageBeat.class));
    } catch (DataConverterException e) {
      return Optional.empty(); // from another version of the worker: a hint only
    }
  }

  /** How a workflow that failed ended. */
  static Outcome ended(Throwable failure) {
    if (!(failure instanceof WorkflowFailedException)) {
      return new Outcome.Failed(String.valueOf(failure.getMessage()));
    }
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return switch (cause) {
      case CanceledFailure _ -> new Outcome.Ended("cancelled");
      case TerminatedFailure _ -> new Outcome.Ended("terminated");
      case ApplicationFailure failed ->
          new Outcome.Failed(
              failed.getType().equals(Failures.INVALID_SPEC.type())
                  ? "The spec cannot be run:\n" + failed.getOriginalMessage()
                  : failed.getOriginalMessage());
      case TimeoutFailure late -> new Outcome.Failed("A stage took too long: " + late.getMessage());
      default -> new Outcome.Failed(String.valueOf(cause.getMessage()));
    };
  }
}
