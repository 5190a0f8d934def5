package dev.inkling.starter;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.preset.SpecDocument;
import dev.inkling.preset.SweepResolver;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Problem;
import dev.inkling.spec.SweepSpec;
import dev.inkling.stage.Monitor;
import dev.inkling.worker.Home;
import dev.inkling.worker.InklingWorker;
import dev.inkling.workflow.Experiment;
import dev.inkling.workflow.Sweep;
import dev.inkling.workflow.SweepPlan;
import dev.inkling.workflow.SweepResult;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code inkling sweep}: an experiment at every point of a grid; the same command again attaches,
 * goes on, or shows what is there.
 */
@Command(
    name = "sweep",
    description = "Run an experiment at every point of a grid, or go on with it.",
    mixinStandardHelpOptions = true)
final class SweepCommand implements Callable<Integer> {
  /** The table for programs. */
  static final String CSV = "sweep.csv";

  @Parameters(
      paramLabel = "SPEC",
      description =
          "A preset, a spec, or a file with the fields experiment, grid and parallel of a sweep.")
  private String spec = "";

  @Option(
      names = "--grid",
      paramLabel = "path=[v,...]",
      description =
          "The values at one place of the spec, for example --grid datasets.noise.rows=[1000,5000]; may be repeated.")
  private List<String> grid = List.of();

  @Option(
      names = "--set",
      paramLabel = "path=value",
      description = "Change the spec that all points start from.")
  private List<String> changes = List.of();

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description = "Points under way at once (default " + SweepSpec.USUAL_PARALLEL + ").")
  private Optional<Integer> parallel = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write the points' results there, as " + CSV + ".")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--detach",
      description = "Start it and return; a worker elsewhere does the work.")
  private boolean detach;

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    ObjectNode document = document();
    SweepPlan plan = SweepResolver.plan(document, Monitor.silent());
    SweepSpec sweep = SweepSpec.read(document);
    SweepTable there = SweepTable.of(sweep, home);
    if (there.complete()) {
      System.out.println(
          "Everything is there: all "
              + plan.points()
              + " points of "
              + plan.id()
              + " were done before.");
      show(there);
      return 0;
    }
    return run(home, document, sweep, plan);
  }

  /** The sweep as it goes to the workflow. */
  private ObjectNode document() throws InvalidSpecException, IOException {
    ObjectNode named = SpecSource.document(spec);
    boolean whole = named.has("experiment");
    ObjectNode sweep = whole ? named : JsonNodeFactory.instance.objectNode();
    ObjectNode experiment =
        whole && named.get("experiment") instanceof ObjectNode inner ? inner : named;
    if (!whole) {
      sweep.set("experiment", experiment);
    }
    for (String change : changes) {
      SpecSource.apply(experiment, change);
    }
    ObjectNode axes = sweep.get("grid") instanceof ObjectNode g ? g : sweep.putObject("grid");
    for (String axis : grid) {
      add(axes, axis);
    }
    parallel.ifPresent(n -> sweep.put("parallel", n));
    return sweep;
  }

  private static void add(ObjectNode axes, String axis) throws InvalidSpecException {
    // A name in a path may hold an equals sign, the list begins with a bracket.
    int equals = axis.indexOf("=[");
    if (equals < 1 || !(SpecDocument.value(axis.substring(equals + 1)) instanceof ArrayNode list)) {
      throw new InvalidSpecException(
          List.of(
              new Problem(
                  "",
                  "--grid needs path=[values], for example --grid seeds=[[1],[2]], got '"
                      + axis
                      + "'")));
    }
    axes.set(axis.substring(0, equals), list);
  }

  private int run(Home home, ObjectNode document, SweepSpec sweep, SweepPlan plan)
      throws Exception {
    String again = again();
    try (Session session = Session.open(home, detach, Session::tell, Optional.empty());
        Interruption interruption = new Interruption(again)) {
      interruption.closes(session);
      WorkflowStub workflow =
          session.startOrAttach(
              Sweep.TYPE, plan.id(), plan.points() + " points: " + plan.question(), document);
      System.out.println(
          "Sweep " + plan.id() + ", " + plan.points() + " points: " + plan.question());
      session
          .page(workflow.getExecution())
          .ifPresent(page -> System.out.println("Temporal UI: " + page));
      if (detach) {
        System.out.println(
            "Started. It needs a worker: inkling worker. The table, when it is done: " + again);
        return 0;
      }
      InklingWorker worker =
          InklingWorker.start(session.connection(), home, List.of(Experiment.TASK_QUEUE));
      interruption.closes(worker);
      try {
        SweepResult result =
            new SweepFollower(session.connection().client(), workflow, again).follow();
        return ended(result, SweepTable.of(sweep, home), again);
      } finally {
        if (!interruption.happened()) {
          worker.close();
        }
      }
    }
  }

  private int ended(SweepResult result, SweepTable table, String again)
      throws IOException, UserException {
    System.out.println("Done: " + result.done() + " of " + result.points() + " points.");
    show(table);
    if (result.failed() > 0) {
      throw new UserException(
          Main.FAILED,
          result.failed()
              + " points failed, the first of them as told above; the workflows "
              + result.workflows()
              + " say why. What was done is kept. To try the others again: "
              + again);
    }
    return 0;
  }

  private void show(SweepTable table) throws IOException {
    System.out.println();
    System.out.print(table.text());
    System.out.println();
    if (out.isPresent()) {
      Files.createDirectories(out.get());
      Path file = out.get().resolve(CSV);
      Files.writeString(file, table.csv());
      System.out.println("Results: " + file.toAbsolutePath());
    } else {
      System.out.println("As a file, with intervals: add --out DIR to the same command");
    }
    table.rows().stream()
        .filter(row -> row.report().isPresent())
        .findFirst()
        .ifPresent(
            row ->
                System.out.println(
                    "One point's report: ./inkling report " + row.experiment() + " --out DIR"));
  }

  /** The command that was typed. */
  private String again() {
    StringBuilder command = new StringBuilder("./inkling sweep ").append(SpecSource.quoted(spec));
    grid.forEach(g -> command.append(" --grid ").append(SpecSource.quoted(g)));
    changes.forEach(c -> command.append(" --set ").append(SpecSource.quoted(c)));
    parallel.ifPresent(n -> command.append(" --parallel ").append(n));
    out.ifPresent(o -> command.append(" --out ").append(SpecSource.quoted(o.toString())));
    return command.toString();
  }
}
