package dev.inkling.starter;

import dev.inkling.worker.Home;
import dev.inkling.worker.InklingWorker;
import io.temporal.client.WorkflowStub;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code inkling pause} and {@code inkling unpause}: updates of the running workflow. */
@Command(
    name = "pause",
    description = "Running stages reach their next checkpoint and wait until: inkling unpause ID",
    mixinStandardHelpOptions = true)
class PauseCommand implements Callable<Integer> {
  /** A workflow task, not a stage, so seconds are long. */
  private static final int PATIENCE_SECONDS = 20;

  @Parameters(paramLabel = "ID", description = "The experiment, as inkling status lists it.")
  private String id = "";

  /** Goes on. */
  @Command(
      name = "unpause",
      description = "Go on after a pause, from the checkpoints.",
      mixinStandardHelpOptions = true)
  static final class Unpause extends PauseCommand {
    @Override
    String update() {
      return "unpause";
    }

    @Override
    String done(String id) {
      return id + " goes on as soon as a worker takes it up: inkling resume " + id;
    }
  }

  String update() {
    return "pause";
  }

  /** What goes with the update. */
  Object[] arguments() {
    return new Object[0];
  }

  String done(String id) {
    return id
        + " is paused; its stages stop at their next checkpoint and nothing is lost. Go on with: inkling unpause "
        + id;
  }

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    try (Session session = Session.open(home, false, Session::tell, Optional.empty())) {
      WorkflowStub workflow = session.existing(id);
      Optional<InklingWorker> worker = session.workerIfAlone(home);
      try {
        workflow
            .startUpdate(
                update(), io.temporal.client.WorkflowUpdateStage.ACCEPTED, Void.class, arguments())
            .getResultAsync()
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        System.out.println(done(id));
        return 0;
      } finally {
        worker.ifPresent(InklingWorker::close);
      }
    } catch (TimeoutException | ExecutionException e) {
      throw new UserException(
          Main.FAILED,
          "No worker took the "
              + update()
              + " of "
              + id
              + " up within "
              + PATIENCE_SECONDS
              + " s ("
              + e.getMessage()
              + "). Start one with: inkling worker");
    }
  }
}
