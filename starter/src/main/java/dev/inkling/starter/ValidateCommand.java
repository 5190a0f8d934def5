package dev.inkling.starter;

import dev.inkling.artifact.Store;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inkling validate}. */
@Command(
    name = "validate",
    description = "Check a spec and show what would be done.",
    mixinStandardHelpOptions = true)
final class ValidateCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SPEC", description = "A preset or a YAML or JSON file.")
  private String spec = "";

  @Option(names = "--set", paramLabel = "path=value", description = "Change the spec.")
  private List<String> changes = List.of();

  @Override
  public Integer call() throws Exception {
    Plan plan = SpecSource.of(spec, changes).plan();
    System.out.println(
        "The spec is right. Experiment " + plan.id() + " has " + plan.stages().size() + " stages:");
    Store store = Main.home().store();
    for (Stage stage : plan.stages()) {
      boolean there = store.published(stage.key()).isPresent();
      System.out.printf(
          "  %s  %-15s %s%s%n",
          stage.shortKey(), stage.task().activity(), stage.name(), there ? "  (done before)" : "");
    }
    return 0;
  }
}
