package dev.inkling.starter;

import dev.inkling.artifact.Versions;
import dev.inkling.plan.Plan;
import dev.inkling.report.Report;
import dev.inkling.tensor.Torch;
import dev.inkling.worker.Home;
import dev.inkling.worker.InklingWorker;
import dev.inkling.workflow.Experiment;
import dev.inkling.workflow.ReportResult;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code inkling run}: the same command again attaches to what runs, goes on where it stopped, or
 * shows what is there.
 */
@Command(
    name = "run",
    description = "Run an experiment, or go on with it; shows the report if it is done.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "SPEC",
      description = "A preset (see: inkling presets) or a YAML or JSON file.")
  private String spec = "";

  @Option(
      names = "--set",
      paramLabel = "path=value",
      description =
          "Change the spec, for example --set seeds=[1,2] or --set models.initial.models=20.")
  private List<String> changes = List.of();

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

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    SpecSource source = SpecSource.of(spec, changes);
    Plan plan = source.plan();
    Optional<ReportResult> there = new Report(home.store(), Versions.all()).existing(plan);
    if (there.isPresent()
        && plan.stages().stream().allMatch(s -> home.store().find(s.key()).isPresent())) {
      System.out.println(
          "Everything is there: all "
              + plan.stages().size()
              + " stages of "
              + plan.id()
              + " were done before.");
      new Reports(home).show(plan.id(), there.get(), out);
      return 0;
    }
    if (!detach && !noWorker) {
      // Loading libtorch takes about as long as starting the server, so both at once.
      home.configureTorch();
      Thread.ofPlatform().daemon().name("torch-warm-up").start(Torch::warmUp);
    }
    return run(home, source);
  }

  private int run(Home home, SpecSource source) throws Exception {
    String again = again();
    try (Session session = Session.open(home, keep || detach, Session::tell, Optional.empty());
        Interruption interruption = new Interruption(again)) {
      interruption.closes(session);
      if (session.embedded().isEmpty()) {
        session.connection().ensureSearchAttributes();
      }
      WorkflowStub workflow = start(session, source);
      System.out.println(
          "Experiment " + source.plan().id() + ": " + source.plan().spec().question());
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

  private static WorkflowStub start(Session session, SpecSource source) {
    WorkflowStub workflow =
        session
            .connection()
            .client()
            .newUntypedWorkflowStub(
                Experiment.TYPE,
                WorkflowOptions.newBuilder()
                    .setWorkflowId(source.plan().id())
                    .setTaskQueue(Experiment.TASK_QUEUE)
                    // The same experiment under way, from another terminal or before a crash, is
                    // the one we want.
                    .setWorkflowIdConflictPolicy(
                        WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING)
                    .setStaticSummary(source.plan().spec().question())
                    .build());
    workflow.start(source.document());
    return workflow;
  }

  private int follow(Home home, Session session, WorkflowStub workflow, Plan plan, String again)
      throws IOException, UserException {
    Outcome outcome = new Follower(session.connection().client(), workflow, plan).follow();
    return switch (outcome) {
      case Outcome.Done done -> {
        System.out.println(
            "Done: "
                + done.result().made()
                + " stages made, "
                + done.result().reused()
                + " reused.");
        Reports reports = new Reports(home);
        ReportResult report =
            new Report(home.store(), Versions.all())
                .existing(plan)
                .orElseThrow(
                    () ->
                        new UserException(
                            Main.FAILED,
                            "Done, but the report lies on the worker's machine: "
                                + done.result().report()));
        reports.show(plan.id(), report, out);
        yield 0;
      }
      case Outcome.Failed failed ->
          throw new UserException(
              Main.FAILED,
              "The experiment failed.\n"
                  + failed.message()
                  + "\nTo go on from what is stored: "
                  + again);
      case Outcome.Ended ended ->
          throw new UserException(
              Main.FAILED,
              "The experiment was "
                  + ended.how()
                  + "; everything done so far is kept. To go on: "
                  + again);
    };
  }

  /** The command that was typed. */
  private String again() {
    StringBuilder command = new StringBuilder("./inkling run ").append(quoted(spec));
    changes.forEach(c -> command.append(" --set ").append(quoted(c)));
    out.ifPresent(o -> command.append(" --out ").append(quoted(o.toString())));
    return command.toString();
  }

  static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./=:@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
