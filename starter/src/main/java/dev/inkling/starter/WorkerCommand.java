package dev.inkling.starter;

import dev.inkling.worker.Home;
import dev.inkling.worker.InklingWorker;
import dev.inkling.worker.Metrics;
import dev.inkling.workflow.Experiment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code inkling worker}. */
@Command(
    name = "worker",
    description =
        "Run a worker until it is stopped; SIGTERM and Ctrl-C let its stages write their checkpoints.",
    mixinStandardHelpOptions = true)
final class WorkerCommand implements Callable<Integer> {
  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description = "A task queue; may be given several times.")
  private List<String> queues = List.of(Experiment.TASK_QUEUE);

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      description = "Serve Prometheus metrics on loopback.")
  private Optional<Integer> metricsPort = Optional.empty();

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    Optional<Metrics> metrics =
        metricsPort.isPresent() ? Optional.of(new Metrics(metricsPort.get())) : Optional.empty();
    try (Session session = Session.open(home, false, Session::tell, metrics.map(Metrics::scope));
        Interruption interruption = new Interruption("./inkling worker")) {
      interruption.closes(session);
      session.connection().ensureSearchAttributes();
      InklingWorker worker = InklingWorker.start(session.connection(), home, queues);
      interruption.closes(worker);
      System.out.println(
          "Worker on "
              + String.join(", ", queues)
              + " at "
              + session.connection().address()
              + ", artifacts in "
              + home.directory());
      session
          .form()
          .ifPresent(form -> System.out.println("Start an experiment in the browser: " + form));
      metrics.ifPresent(m -> System.out.println("Metrics: " + m.url()));
      new CountDownLatch(1).await();
      return 0;
    }
  }
}
