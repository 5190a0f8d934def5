package dev.inkling.starter;

import dev.inkling.artifact.Versions;
import dev.inkling.tensor.Torch;
import dev.inkling.worker.Duties;
import dev.inkling.worker.Gpus;
import dev.inkling.worker.Home;
import dev.inkling.worker.InklingWorker;
import dev.inkling.worker.Lifespan;
import dev.inkling.worker.MonitoringServer;
import dev.inkling.worker.Neighbours;
import dev.inkling.workflow.Experiment;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temporal.common.WorkerDeploymentVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
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

  @Option(
      names = "--stages-only",
      description =
          "Make artifacts and nothing else, one at a time: for a machine with a GPU, whose Temporal"
              + " service is elsewhere.")
  private boolean stagesOnly;

  @Option(
      names = "--max-concurrent",
      paramLabel = "N",
      description = "Take so many activities at once (default: 32; with --stages-only 1).")
  private Optional<Integer> maxConcurrent = Optional.empty();

  @Option(
      names = "--idle-minutes",
      paramLabel = "M",
      description =
          "End, with exit code 0, when no stage ran for so long, here or in another worker of the"
              + " same machine (INKLING_BUSY_FILE).")
  private Optional<Double> idleMinutes = Optional.empty();

  @Option(
      names = "--max-hours",
      paramLabel = "H",
      description = "End after so long; a stage then writes its checkpoint, and goes on elsewhere.")
  private Optional<Double> maxHours = Optional.empty();

  @Override
  public Integer call() throws Exception {
    Duties duties = duties();
    Lifespan lifespan =
        new Lifespan(
            duration("--idle-minutes", idleMinutes, 60), duration("--max-hours", maxHours, 3600));
    Home home = Main.home();
    Gpus gpus = Gpus.ofThisProcess();
    if (duties.stagesOnly()) {
      refuseIdleGpu(gpus, home);
    }
    Optional<MonitoringServer> monitoring = monitoring();
    try (Session session =
            Session.open(home, false, Session::tell, monitoring.map(MonitoringServer::scope));
        Interruption interruption = new Interruption("./inkling worker")) {
      interruption.closes(session);
      if (!duties.stagesOnly()) {
        session.connection().ensureSearchAttributes();
      }
      InklingWorker worker =
          InklingWorker.start(
              session.connection(),
              home,
              queues,
              monitoring
                  .<MeterRegistry>map(MonitoringServer::registry)
                  .orElseGet(SimpleMeterRegistry::new),
              deployment.map(name -> new WorkerDeploymentVersion(name, buildId)),
              duties);
      monitoring.ifPresent(m -> m.tellsHealthOf(worker::health));
      interruption.closes(worker);
      System.out.println(
          "Worker on "
              + String.join(", ", queues)
              + " at "
              + session.connection().address()
              + ", artifacts in "
              + home.storePlace());
      System.out.println(gpus.tell());
      session
          .form()
          .ifPresent(form -> System.out.println("Start an experiment in the browser: " + form));
      monitoring.ifPresent(
          m ->
              System.out.println(
                  "Metrics: " + m.url() + "/metrics, health: " + m.url() + "/health"));
      Optional<Neighbours> neighbours = Neighbours.of(System.getenv());
      String why =
          lifespan.await(() -> neighbours.map(n -> n.idle(worker.idle())).orElseGet(worker::idle));
      System.out.println("The worker ends: " + why + ". A stage that runs is handed back.");
      worker.close();
      return 0;
    }
  }

  /** Before anything is polled, so that no stage is taken and given back. */
  private static void refuseIdleGpu(Gpus gpus, Home home)
      throws UserException, InterruptedException {
    home.configureTorch();
    Optional<String> trouble = gpus.outOfUse(Torch::gpuTrouble);
    if (trouble.isPresent()) {
      throw new UserException(Main.UNABLE, trouble.get());
    }
  }

  private Duties duties() throws UserException {
    Duties usual = (stagesOnly ? Duties.ofStages() : Duties.all()).stoppingAs(System.getenv());
    int atOnce = maxConcurrent.orElse(usual.atOnce());
    if (atOnce < 1) {
      throw new UserException(Main.BAD_INPUT, "--max-concurrent must be at least 1, got " + atOnce);
    }
    return new Duties(usual.stagesOnly(), atOnce, usual.stopping());
  }

  private static Optional<Duration> duration(String option, Optional<Double> units, int seconds)
      throws UserException {
    if (units.isPresent() && !(units.get() > 0 && units.get() < 1e6)) {
      throw new UserException(Main.BAD_INPUT, option + " must be more than 0, got " + units.get());
    }
    return units.map(amount -> Duration.ofMillis((long) (amount * seconds * 1000)));
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
