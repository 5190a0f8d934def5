package dev.inkling.starter;

import dev.inkling.artifact.Artifact;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inkling report}. */
@Command(
    name = "report",
    description = "Show an experiment's report.",
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ID", description = "The experiment, as inkling status lists it.")
  private String id = "";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Copy the report, results and figures there.")
  private Optional<Path> out = Optional.empty();

  @Override
  public Integer call() throws Exception {
    Reports reports = new Reports(Main.home());
    Artifact report =
        reports
            .find(id)
            .orElseThrow(
                () ->
                    new UserException(
                        Main.BAD_INPUT,
                        "There is no report of an experiment '"
                            + id
                            + "' under "
                            + Main.home().storePlace()
                            + ". See: inkling status"));
    reports.show(id, report.directory(), out);
    reports.machines(report.directory()).ifPresent(System.out::println);
    return 0;
  }
}
