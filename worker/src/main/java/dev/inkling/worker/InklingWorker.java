package dev.inkling.worker;

import dev.inkling.activity.InklingActivities;
import dev.inkling.activity.ProvisionActivities;
import dev.inkling.activity.StageMeters;
import dev.inkling.activity.StageRunner;
import dev.inkling.activity.StagesOnly;
import dev.inkling.artifact.Store;
import dev.inkling.artifact.Versions;
import dev.inkling.language.LanguageModels;
import dev.inkling.report.Report;
import dev.inkling.tracking.Chronicle;
import dev.inkling.workflow.ClusterSweepWorkflow;
import dev.inkling.workflow.ExperimentWorkflow;
import dev.inkling.workflow.SweepWorkflow;
import dev.inkling.workflow.UnknownWorkflow;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temporal.common.VersioningBehavior;
import io.temporal.common.WorkerDeploymentVersion;
import io.temporal.common.converter.DataConverterException;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerDeploymentOptions;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import io.temporal.worker.WorkflowImplementationOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Workflows and activities on one or more task queues. */
public final class InklingWorker implements AutoCloseable {
  private final WorkerFactory factory;
  private final StageRunner runner;
  private final LanguageModels models;
  private final Connection connection;
  private final Duration stopping;
  private volatile boolean draining;

  private InklingWorker(
      WorkerFactory factory,
      StageRunner runner,
      LanguageModels models,
      Connection connection,
      Duration stopping) {
    this.factory = factory;
    this.runner = runner;
    this.models = models;
    this.connection = connection;
    this.stopping = stopping;
  }

  /** Starts polling; nobody measures it. */
  public static InklingWorker start(Connection connection, Home home, List<String> queues) {
    return start(
        connection, home, queues, new SimpleMeterRegistry(), Optional.empty(), Duties.all());
  }

  /**
   * Starts polling.
   *
   * @param meters where the stages' meters go
   * @param version the deployment version, if workflows are to stay with the code they began on
   * @param duties what it takes on
   */
  public static InklingWorker start(
      Connection connection,
      Home home,
      List<String> queues,
      MeterRegistry meters,
      Optional<WorkerDeploymentVersion> version,
      Duties duties) {
    home.configureTorch();
    Store store = home.store();
    store.tidy();
    LanguageModels models = home.languageModels();
    StageRunner runner =
        new StageRunner(store, home.checkpointEvery(), models, new StageMeters(meters));
    InklingActivities activities =
        new InklingActivities(
            runner,
            new Report(store, Versions.all()),
            models,
            new Chronicle(home.directory(), System.getenv(), store),
            home.directory());
    WorkerFactory factory =
        WorkerFactory.newInstance(
            connection.client(),
            WorkerFactoryOptions.newBuilder().setUsingVirtualWorkflowThreads(true).build());
    for (String queue : queues) {
      Worker worker = factory.newWorker(queue, options(version, duties));
      if (duties.stagesOnly()) {
        worker.registerActivitiesImplementations(new StagesOnly(activities));
        continue;
      }
      worker.registerWorkflowImplementationTypes(
          // Input that is not JSON at all fails the workflow, instead of its task for ever.
          WorkflowImplementationOptions.newBuilder()
              .setFailWorkflowExceptionTypes(DataConverterException.class)
              .build(),
          ExperimentWorkflow.class,
          SweepWorkflow.class,
          ClusterSweepWorkflow.class,
          UnknownWorkflow.class);
      worker.registerActivitiesImplementations(
          activities,
          new ProvisionActivities(
              Machines.providers(home, System.getenv(), connection.address()),
              new KnownExperiments(connection)));
    }
    factory.start();
    return new InklingWorker(factory, runner, models, connection, duties.stopping());
  }

  private static WorkerOptions options(Optional<WorkerDeploymentVersion> version, Duties duties) {
    WorkerOptions.Builder options = WorkerOptions.newBuilder();
    version.ifPresent(
        v ->
            options.setDeploymentOptions(
                WorkerDeploymentOptions.newBuilder()
                    .setVersion(v)
                    .setUseVersioning(true)
                    .setDefaultVersioningBehavior(VersioningBehavior.PINNED)
                    .build()));
    return options
        // Threads of the platform, because torch keeps its modes per thread.
        .setMaxConcurrentActivityExecutionSize(duties.atOnce())
        // The default, 80 % of the heartbeat timeout, would let a cancellation wait for 8 s.
        .setMaxHeartbeatThrottleInterval(Duration.ofMillis(500))
        .build();
  }

  /** How long no stage has run here; zero while one does. */
  public Duration idle() {
    return runner.idle();
  }

  /** Whether it would take work now; asks the Temporal service. */
  public Health health() {
    if (draining) {
      return Health.notReady("it stops: no new stage is taken, running ones are handed back");
    }
    if (!factory.isStarted() || factory.isShutdown()) {
      return Health.notReady("it does not poll");
    }
    return connection.answers()
        ? Health.ready(connection.address())
        : Health.notReady("the Temporal service at " + connection.address() + " does not answer");
  }

  /**
   * Stops: takes no new work, lets running stages write their checkpoints and hand themselves back.
   */
  @Override
  public void close() {
    draining = true;
    factory.shutdown();
    if (runner.stop()) {
      factory.awaitTermination(stopping.toSeconds(), TimeUnit.SECONDS);
    }
    // Nothing runs any more, or it does not listen; idle pollers need not be waited for.
    factory.shutdownNow();
    models.close();
  }
}
