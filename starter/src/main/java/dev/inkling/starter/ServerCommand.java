package dev.inkling.starter;

import dev.inkling.server.EmbeddedServer;
import dev.inkling.server.TemporalCli;
import dev.inkling.server.TemporalPages;
import dev.inkling.worker.Home;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code inkling server}. */
@Command(
    name = "server",
    description = "Run the embedded Temporal server until it is stopped.",
    mixinStandardHelpOptions = true)
final class ServerCommand implements Callable<Integer> {
  @Option(
      names = "--keep",
      description = "Return at once; the server stays until: inkling server --stop")
  private boolean keep;

  @Option(names = "--stop", description = "Stop a server that was asked to stay.")
  private boolean stop;

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    if (stop) {
      boolean stopped = EmbeddedServer.stopStaying(home.directory());
      System.out.println(
          stopped ? "Stopped." : "No server is running under " + home.directory() + ".");
      return 0;
    }
    if (Session.configured().isPresent()) {
      throw new UserException(
          Main.BAD_INPUT,
          "TEMPORAL_ADDRESS or a Temporal profile names a service already; unset it to use the embedded server.");
    }
    TemporalCli cli = new TemporalCli(home.directory(), System.getenv().getOrDefault("PATH", ""));
    try (EmbeddedServer server = EmbeddedServer.use(home.directory(), keep, cli, Session::tell);
        Interruption interruption = new Interruption("./inkling server")) {
      interruption.closes(server);
      System.out.println("Temporal server at " + server.address());
      System.out.println("Temporal UI:     " + server.ui());
      System.out.println(
          "Start an experiment in the browser (a worker must run: inkling worker): "
              + new TemporalPages(server.ui(), "default").form());
      if (!keep) {
        new CountDownLatch(1).await();
      }
      return 0;
    }
  }
}
