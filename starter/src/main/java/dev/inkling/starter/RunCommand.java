package dev.inkling.starter;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      names = "--estimate",
      description = "Show what the stages would ask and cost at most; asks nobody, starts nothing.")
  private boolean estimate;

  @Mixin private final Launch launch = new Launch();

  @Override
  public Integer call() throws Exception {
    SpecSource source = SpecSource.of(spec, changes);
    if (estimate) {
      EstimateTable.print(Main.home(), source.plan());
      return 0;
    }
    return launch.launch(Main.home(), source.plan().id(), source, again());
  }

  /** The command that was typed. */
  private String again() {
    StringBuilder command = new StringBuilder("./inkling run ").append(SpecSource.quoted(spec));
    changes.forEach(c -> command.append(" --set ").append(SpecSource.quoted(c)));
    return command.toString();
  }
}
