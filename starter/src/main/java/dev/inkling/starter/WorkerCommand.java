package dev.inkling.starter;

import dev.inkling.artifact.Versions;
import dev.inkling.worker.Home;
import dev.inkling.worker.InklingWorker;
import dev.inkling.worker.MonitoringServer;
import dev.inkling.workflow.Experiment;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temporal.common.WorkerDeploymentVersion;
import java.io.IOException;
import java.net.InetAddress;
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
      description = "Serve /metrics (Prometheus) and /health there; 0 takes a free port.")
  private Optional<Integer> metricsPort = Optional.empty();

  @Option(
      names = "--metrics-address",
      paramLabel = "ADDR",
      description =
          "The address to serve them on, by default loopback; whoever reaches another one reads them.")
  private Optional<String> metricsAddress = Optional.empty();

  @Option(
      names = "--deployment",
      paramLabel = "NAME",
      description =
          "Worker versioning: experiments stay with the build of this deployment that they began on.")
  private Optional<String> deployment = Optional.empty();

  @Option(
      names = "--build-id",
      paramLabel = "ID",
      description = "This build, with --deployment (default: the version, ${DEFAULT-VALUE}).")
  private String buildId = Versions.all().get("inkling");

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    Optional<MonitoringServer> monitoring = monitoring();
    try (Session session =
            Session.open(home, false, Session::tell, monitoring.map(MonitoringServer::scope));
        Interruption interruption = new Interruption("./inkling worker")) {
      interruption.closes(session);
      session.connection().ensureSearchAttributes();
      InklingWorker worker =
          InklingWorker.start(
              session.connection(),
              home,
              queues,
              monitoring
                  .<MeterRegistry>map(MonitoringServer::registry)
                  .orElseGet(SimpleMeterRegistry::new),
              deployment.map(name -> new WorkerDeploymentVersion(name, buildId)));
      monitoring.ifPresent(m -> m.tellsHealthOf(worker::health));
      interruption.closes(worker);
      System.out.println(
          "Worker on "
              + String.join(", ", queues)
              + " at "
              + session.connection().address()
              + ", artifacts in "
              + home.storePlace());
      session
          .form()
          .ifPresent(form -> System.out.println("Start an experiment in the browser: " + form));
      monitoring.ifPresent(
          m ->
              System.out.println(
                  "Metrics: " + m.url() + "/metrics, health: " + m.url() + "/health"));
      new CountDownLatch(1).await();
      return 0;
    }
  }

  private Optional<MonitoringServer> monitoring() throws UserException {
    if (metricsPort.isEmpty()) {
      if (metricsAddress.isPresent()) {
        throw new UserException(Main.BAD_INPUT, "--metrics-address needs --metrics-port too");
      }
      return Optional.empty();
    }
    int port = metricsPort.get();
    if (port < 0 || port > 65535) {
      throw new UserException(
          Main.BAD_INPUT, "--metrics-port must be between 0 and 65535, got " + port);
    }
    String address = metricsAddress.orElse(InetAddress.getLoopbackAddress().getHostAddress());
    try {
      return Optional.of(new MonitoringServer(InetAddress.getByName(address), port));
    } catch (IOException e) {
      throw new UserException(
          Main.FAILED,
          "Metrics cannot be served on port "
              + port
              + " of "
              + address
              + ": "
              + e.getMessage()
              + ". Choose another with --metrics-port and --metrics-address; port 0 takes a free one.");
    }
  }
}
