package dev.inkling.starter;

import dev.inkling.workflow.SweepProgress;
import dev.inkling.workflow.SweepResult;
import dev.inkling.workflow.SweepState;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowQueryException;
import io.temporal.client.WorkflowServiceException;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for a sweep and tells every few seconds how far it is, if it went further. */
final class SweepFollower {
  private static final long POLL_MILLIS = 1000;
  private static final long LINE_NANOS = Duration.ofSeconds(5).toNanos();

  private final WorkflowClient client;
  private final WorkflowStub workflow;
  private final String again;
  private final long started = System.nanoTime();
  private long lastLine = started - LINE_NANOS;
  private String lastText = "";
  private int failuresTold;
  private int finishedAtFirst = -1;
  private long first;

  /**
   * Follows one sweep.
   *
   * @param again the command that goes on with it
   */
  SweepFollower(WorkflowClient client, WorkflowStub workflow, String again) {
    this.client = client;
    this.workflow = workflow;
    this.again = again;
  }

  /**
   * Until the sweep has ended.
   *
   * @throws UserException if it ended otherwise than with a result
   */
  SweepResult follow() throws UserException {
    CompletableFuture<SweepResult> result = workflow.getResultAsync(SweepResult.class);
    while (true) {
      try {
        SweepResult done = result.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
        tellFailures(done.failures());
        return done;
      } catch (TimeoutException e) {
        look();
      } catch (ExecutionException e) {
        throw ended(Follower.ended(e.getCause()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw ended(new Outcome.Ended("left"));
      }
    }
  }

  private UserException ended(Outcome outcome) {
    String what =
        switch (outcome) {
          case Outcome.Failed failed -> "The sweep failed.\n" + failed.message();
          case Outcome.Ended ended -> "The sweep was " + ended.how() + ".";
          case Outcome.Done _ -> throw new IllegalStateException("a sweep has no report");
        };
    return new UserException(
        Main.FAILED, what + "\nEverything done so far is kept. To go on: " + again);
  }

  private void look() {
    try {
      // Without the run's id: a long sweep goes on in new runs.
      SweepProgress progress =
          client
              .newUntypedWorkflowStub(workflow.getExecution().getWorkflowId())
              .query("progress", SweepProgress.class);
      tellFailures(progress.failures());
      tell(progress);
    } catch (WorkflowServiceException | io.grpc.StatusRuntimeException e) {
      tellLine("Waiting for a worker on the task queue 'inkling' (start one with: inkling worker)");
    } catch (WorkflowQueryException e) {
      // The worker's machine is too busy to answer: what is shown grows old, nothing else.
    }
  }

  private void tell(SweepProgress p) {
    int finished = p.done() + p.failed();
    long now = System.nanoTime();
    if (finishedAtFirst < 0) {
      finishedAtFirst = finished;
      first = now;
    }
    String text =
        p.state()
            + ": "
            + p.done()
            + " of "
            + p.total()
            + " points done, "
            + p.running().size()
            + " running"
            + (p.failed() > 0 ? ", " + p.failed() + " failed" : "");
    int since = finished - finishedAtFirst;
    if (since > 0 && finished < p.total()) {
      double seconds = (now - first) / 1e9 / since * (p.total() - finished);
      Duration left = Duration.ofSeconds(Math.round(seconds));
      text +=
          String.format(
              " · %d:%02d:%02d left", left.toHours(), left.toMinutesPart(), left.toSecondsPart());
    }
    tellLine(text);
  }

  private void tellLine(String text) {
    long now = System.nanoTime();
    if (!text.equals(lastText) && now - lastLine >= LINE_NANOS) {
      lastLine = now;
      lastText = text;
      System.out.println(text);
    }
  }

  private void tellFailures(List<SweepState.PointFailure> failures) {
    for (; failuresTold < failures.size(); failuresTold++) {
      SweepState.PointFailure f = failures.get(failuresTold);
      System.out.println("failed   point " + f.point() + " (" + f.values() + "): " + f.message());
    }
  }
}
