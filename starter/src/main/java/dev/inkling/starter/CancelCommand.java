package dev.inkling.starter;

import dev.inkling.worker.Home;
import dev.inkling.worker.InklingWorker;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowStub;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code inkling cancel}: running stages write their checkpoints; what is done stays. */
@Command(
    name = "cancel",
    description = "Cancel an experiment or a sweep; what is done is kept.",
    mixinStandardHelpOptions = true)
final class CancelCommand implements Callable<Integer> {
  /** A stage hears of it with its next heartbeat and then finishes a step. */
  private static final int PATIENCE_SECONDS = 30;

  @Parameters(
      paramLabel = "ID",
      description = "The experiment or sweep, as inkling status lists it.")
  private String id = "";

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    try (Session session = Session.open(home, false, Session::tell, Optional.empty())) {
      WorkflowStub workflow = session.connection().client().newUntypedWorkflowStub(id);
      try {
        workflow.cancel();
      } catch (WorkflowNotFoundException e) {
        throw new UserException(
            Main.BAD_INPUT,
            "There is no running experiment or sweep '" + id + "'. See: inkling status");
      }
      Optional<InklingWorker> worker = session.workerIfAlone(home);
      try {
        workflow.getResult(PATIENCE_SECONDS, TimeUnit.SECONDS, Object.class);
        System.out.println(id + " had just completed.");
      } catch (WorkflowFailedException e) {
        System.out.println(id + " is cancelled; everything done so far is kept.");
      } catch (TimeoutException e) {
        System.out.println(
            "Asked " + id + " to cancel; it does so when a worker next takes it up.");
      } finally {
        worker.ifPresent(InklingWorker::close);
      }
      return 0;
    }
  }
}
