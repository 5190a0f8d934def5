package dev.inkling.starter;

import dev.inkling.artifact.Store;
import dev.inkling.artifact.Versions;
import dev.inkling.language.LanguageModels;
import dev.inkling.model.ModelException;
import dev.inkling.plan.Plan;
import dev.inkling.report.Report;
import dev.inkling.server.EmbeddedServer;
import dev.inkling.tensor.Torch;
import dev.inkling.worker.Home;
import dev.inkling.worker.InklingWorker;
import dev.inkling.workflow.Experiment;
import dev.inkling.workflow.ReportResult;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * Starts an experiment or attaches to it, brings a worker, follows it to its report: what {@code
 * run}, {@code resume} and {@code amend} have in common.
 */
final class Launch {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Copy the report, results and figures there.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--detach",
      description = "Start it and return; a worker elsewhere does the work.")
  private boolean detach;

  @Option(names = "--no-worker", description = "Bring no worker; one elsewhere does the work.")
  private boolean noWorker;

  @Option(names = "--keep", description = "The embedded Temporal server outlives the command.")
  private boolean keep;

  /**
   * Does it.
   *
   * @param workflow the workflow's id
   * @param again the command that goes on after an interruption
   * @return the exit code
   */
  int launch(Home home, String workflow, SpecSource source, String again) throws Exception {
    Plan plan = source.plan();
    Store store = home.store();
    Optional<ReportResult> there = new Report(store, Versions.all()).existing(plan);
    if (there.isPresent()
        && plan.stages().stream().allMatch(s -> store.published(s.key()).isPresent())) {
      System.out.println(
          "Everything is there: all "
              + plan.stages().size()
              + " stages of "
              + plan.id()
              + " were done before.");
      new Reports(home).show(plan.id(), there.get(), out);
      EmbeddedServer.stopUnused(home.directory());
      return 0;
    }
    if (!detach && !noWorker) {
      requireCredentials(home, plan);
    }
    new Specs(home).keep(workflow, source.document());
    if (!detach && !noWorker) {
      // Loading libtorch takes about as long as starting the server, so both at once.
      home.configureTorch();
      if (!plan.spec().ofLanguage()) {
        Thread.ofPlatform()
            .daemon()
            .name("torch-warm-up")
            .uncaughtExceptionHandler((_, _) -> {}) // the first stage that computes tells it
            .start(Torch::warmUp);
      }
    }
    String typed = again + out.map(o -> " --out " + SpecSource.quoted(o.toString())).orElse("");
    return run(home, workflow, source, typed);
  }

  /** Without a key the first stage would fail; better before anything starts. */
  private static void requireCredentials(Home home, Plan plan) throws UserException, IOException {
    try (LanguageModels models = home.languageModels()) {
      models.requireCredentials(plan);
    } catch (ModelException e) {
      throw new UserException(
          Main.BAD_INPUT,
          "Nothing was started: " + e.getMessage() + ". Then type the same command again.");
    }
  }

  private int run(Home home, String id, SpecSource source, String again) throws Exception {
    try (Session session = Session.open(home, keep || detach, Session::tell, Optional.empty());
        Interruption interruption = new Interruption(again)) {
      interruption.closes(session);
      WorkflowStub workflow =
          session.startOrAttach(
              Experiment.TYPE, id, source.plan().spec().question(), source.document());
      System.out.println("Experiment " + id + ": " + source.plan().spec().question());
      session
          .page(workflow.getExecution())
          .ifPresent(page -> System.out.println("Temporal UI: " + page));
      if (detach) {
        System.out.println(
            "Started. It needs a worker: inkling worker. Look at it with: inkling status");
        return 0;
      }
      Optional<InklingWorker> worker =
          noWorker
              ? Optional.empty()
              : Optional.of(
                  InklingWorker.start(session.connection(), home, List.of(Experiment.TASK_QUEUE)));
      worker.ifPresent(interruption::closes);
      try {
        return follow(home, session, workflow, source.plan(), again);
      } finally {
        if (!interruption.happened()) {
          worker.ifPresent(InklingWorker::close);
        }
      }
    }
  }

  private int follow(Home home, Session session, WorkflowStub workflow, Plan plan, String again)
      throws IOException, UserException {
    Outcome outcome = new Follower(session.connection().client(), workflow, plan).follow();
    if (outcome instanceof Outcome.Done done) {
      System.out.println(done.sentence());
      ReportResult report =
          new Report(home.store(), Versions.all())
              .existing(plan)
              .orElseThrow(
                  () ->
                      new UserException(
                          Main.FAILED,
                          "Done, but the report lies on the worker's machine (INKLING_STORE names a store that"
                              + " machines share): "
                              + done.result().report()));
      new Reports(home).show(plan.id(), report, out);
      return 0;
    }
    throw new UserException(Main.FAILED, outcome.sentence() + " " + again);
  }
}
