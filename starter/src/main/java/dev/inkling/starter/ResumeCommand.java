package dev.inkling.starter;

import dev.inkling.worker.Home;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * {@code inkling resume}: an experiment that failed, was cancelled, terminated or reset goes on
 * from what is stored; one that runs is attached to.
 */
@Command(
    name = "resume",
    description = "Go on with an experiment, however it ended; says what it reuses.",
    mixinStandardHelpOptions = true)
final class ResumeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ID", description = "The experiment, as inkling status lists it.")
  private String id = "";

  @Mixin private final Launch launch = new Launch();

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    SpecSource source = SpecSource.of(new Specs(home).find(id));
    return launch.launch(home, id, source, "./inkling resume " + id);
  }
}
