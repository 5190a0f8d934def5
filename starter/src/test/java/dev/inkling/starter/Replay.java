package dev.inkling.starter;

import dev.inkling.workflow.ExperimentWorkflow;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.testing.WorkflowReplayer;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerOptions;

/** The steps of a workflow once more. */
final class Replay {
  private Replay() {}

  /** Fails if today's workflow would not take the same ones. */
  static void of(WorkflowExecutionHistory history) {
    try (TestWorkflowEnvironment environment = TestWorkflowEnvironment.newInstance()) {
      Worker worker =
          environment.newWorker(
              "replay",
              WorkerOptions.newBuilder()
                  // To load a class may take a second where much else runs.
                  .setDefaultDeadlockDetectionTimeout(Terminal.LONG.toMillis())
                  .build());
      worker.registerWorkflowImplementationTypes(ExperimentWorkflow.class);
      WorkflowReplayer.replayWorkflowExecution(history, worker);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("The workflow took other steps", e);
    }
  }
}
