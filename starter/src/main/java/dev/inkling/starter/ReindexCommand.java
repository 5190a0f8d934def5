package dev.inkling.starter;

import dev.inkling.tracking.Tracking;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code inkling reindex}. */
@Command(
    name = "reindex",
    description = "Build the tracking database anew from the store.",
    mixinStandardHelpOptions = true)
final class ReindexCommand implements Callable<Integer> {
  @Override
  public Integer call() throws Exception {
    return Tracker.ask(
        Main.home(),
        tracking -> {
          Tracking.Built built = tracking.rebuild(() -> {});
          built.skipped().forEach(s -> System.out.println("Left out: " + s));
          System.out.println("Built " + tracking.place() + ": " + built.sentence() + ".");
          return 0;
        });
  }
}
