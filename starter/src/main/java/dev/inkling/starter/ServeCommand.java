package dev.inkling.starter;

import dev.inkling.serve.Site;
import dev.inkling.serve.TemporalView;
import dev.inkling.worker.Home;
import java.io.IOException;
import java.net.BindException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code inkling serve}. It holds nothing that must be put down, so Ctrl-C simply ends it. */
@Command(
    name = "serve",
    description = "Show the reports of all experiments in the browser, until Ctrl-C.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "A port on loopback; 0 takes a free one (default: 8234, or a free one).")
  private Optional<Integer> port = Optional.empty();

  @Override
  public Integer call() throws Exception {
    if (port.isPresent() && (port.get() < 0 || port.get() > 65535)) {
      throw new UserException(Main.BAD_INPUT, "--port must be 0 to 65535, got " + port.get());
    }
    Home home = Main.home();
    try (TemporalView view = new TemporalView(home.directory());
        Site site = open(home, view)) {
      System.out.println("Experiments under " + home.storePlace() + ": " + site.address());
      System.out.println("Ctrl-C ends it.");
      new CountDownLatch(1).await();
      return 0;
    }
  }

  private Site open(Home home, TemporalView view) throws IOException, UserException {
    try {
      return new Site(home.store(), view::look, port.orElse(Site.USUAL_PORT));
    } catch (BindException e) {
      if (port.isEmpty()) {
        return new Site(home.store(), view::look, 0);
      }
      throw new UserException(
          Main.BAD_INPUT,
          "Port "
              + port.get()
              + " cannot be taken ("
              + e.getMessage()
              + "). --port 0 takes a free one.");
    }
  }
}
