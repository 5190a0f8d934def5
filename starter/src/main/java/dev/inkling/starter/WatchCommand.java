package dev.inkling.starter;

import dev.inkling.plan.Plan;
import dev.inkling.worker.Home;
import io.temporal.client.WorkflowStub;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code inkling watch}: the progress of an experiment that other processes carry. */
@Command(
    name = "watch",
    description = "Show an experiment's live progress until it ends; Ctrl-C leaves it running.",
    mixinStandardHelpOptions = true)
final class WatchCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ID", description = "The experiment, as inkling status lists it.")
  private String id = "";

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    Plan plan = SpecSource.of(new Specs(home).find(id)).plan();
    try (Session session = Session.open(home, false, Session::tell, Optional.empty())) {
      WorkflowStub workflow = session.existing(id);
      Outcome outcome = new Follower(session.connection().client(), workflow, plan).follow();
      if (outcome instanceof Outcome.Done) {
        System.out.println(outcome.sentence());
        return 0;
      }
      throw new UserException(Main.FAILED, outcome.sentence() + " ./inkling resume " + id);
    }
  }
}
