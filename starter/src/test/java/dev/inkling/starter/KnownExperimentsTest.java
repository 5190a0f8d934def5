package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provision.Node;
import dev.inkling.provision.fake.FakeCloud;
import dev.inkling.provision.fake.StandInWorker;
import dev.inkling.provision.sky.SkyProvider;
import dev.inkling.spec.Compute;
import dev.inkling.worker.Connection;
import dev.inkling.worker.KnownExperiments;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.ClusterRequest;
import dev.inkling.workflow.ClusterSweep;
import dev.inkling.workflow.Experiment;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleDescription;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a real Temporal server tells of experiments, and machines of those that are over. */
class KnownExperimentsTest extends AtATerminal {
  private static WorkflowStub begin(Connection connection, String workflow) {
    WorkflowStub stub =
        connection
            .client()
            .newUntypedWorkflowStub(
                Experiment.TYPE,
                WorkflowOptions.newBuilder()
                    .setWorkflowId(workflow)
                    .setTaskQueue("nobody polls it")
                    .build());
    stub.start(new ObjectMapper().createObjectNode().put("preset", "promptmlp"));
    return stub;
  }

  /** Lists follow what happens by a moment. */
  private static void awaitKnown(KnownExperiments experiments, Map<String, Boolean> wanted)
      throws InterruptedException {
    long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!experiments.known().equals(wanted) && System.nanoTime() < until) {
      Thread.sleep(100);
    }
    assertThat(experiments.known()).isEqualTo(wanted);
  }

  @Test
  void experimentsAreKnownByTheirWorkflow() throws Exception {
    terminal.type("server").awaitText("Temporal UI");
    try (Connection connection = Connection.to(terminal.serverAddress(), Optional.empty())) {
      begin(connection, "runs-1");
      begin(connection, "over-2").terminate("it is over");
      begin(connection, "again-3").terminate("it is over");
      begin(connection, "again-3");
      KnownExperiments experiments = new KnownExperiments(connection);

      awaitKnown(experiments, Map.of("runs-1", true, "over-2", false, "again-3", true));

      experiments.lookForOrphans();
      experiments.lookForOrphans();
      new KnownExperiments(connection).lookForOrphans();
      ScheduleDescription schedule =
          ScheduleClient.newInstance(connection.client().getWorkflowServiceStubs())
              .getHandle(ClusterSweep.SCHEDULE)
              .describe();
      assertThat(schedule.getSchedule().getSpec().getIntervals())
          .singleElement()
          .satisfies(one -> assertThat(one.getEvery()).isEqualTo(Duration.ofMinutes(10)));
    }
  }

  @Test
  void aRealExperimentIsKnownByItsName() throws Exception {
    Terminal.Command server = terminal.type("server");
    server.awaitText("Temporal UI");
    Terminal.Command run = terminal.type("run", "promptmlp", "--set", "seeds=[1]");
    run.mustSucceed();
    try (Connection connection = Connection.to(terminal.serverAddress(), Optional.empty())) {
      awaitKnown(new KnownExperiments(connection), Map.of(run.experiment(), false));
    }
  }

  @Test
  void aSweepEndsTheMachineOfATerminatedExperimentAndNoOther() throws Exception {
    terminal.type("server").awaitText("Temporal UI");
    FakeCloud cloud = FakeCloud.sky(directory.resolve("cloud"));
    Path worker = FakeCloud.archive(directory.resolve("worker.jar"), StandInWorker.class.getName());
    Path store = Files.createDirectories(directory.resolve("store"));
    SkyProvider sky =
        new SkyProvider(
            cloud.toolWithoutWatchdog(), // nobody else writes down how a machine stands
            new Node(Map.of("INKLING_STORE", store.toString()), List.of(worker)),
            directory.resolve("launches"),
            Clock.systemUTC(),
            Duration.ofMillis(50));
    InstalledCommand inkling = InstalledCommand.in(Files.createDirectory(directory.resolve("own")));
    inkling.tool("squeue", "echo '{\"jobs\": []}'\n");
    Map<String, String> environment = new HashMap<>(cloud.environment());
    environment.put("INKLING_SKY", cloud.program().toString());
    environment.put("INKLING_MODAL", directory.resolve("no-modal").toString());
    environment.put("TEMPORAL_ADDRESS", terminal.serverAddress());
    try (Connection connection = Connection.to(terminal.serverAddress(), Optional.empty())) {
      begin(connection, "runs-1");
      begin(connection, "over-2").terminate("nobody gives its machine back");
      awaitKnown(new KnownExperiments(connection), Map.of("runs-1", true, "over-2", false));
      for (String experiment : List.of("runs-1", "over-2", "strangers-3")) {
        sky.ensure(request(experiment), line -> {});
      }
      cloud.await("running", 3);
      for (String experiment : List.of("runs-1", "over-2", "strangers-3")) {
        age(cloud, experiment);
      }

      InstalledCommand.Ended swept = inkling.type(environment, "clusters", "sweep");

      assertThat(swept.code()).as(swept.errors()).isZero();
      assertThat(swept.output())
          .isEqualTo(ClusterRequest.nameOf("over-2") + " belonged to nobody and is ended.\n");
      assertThat(sky.list())
          .extracting(Cluster::experiment)
          .containsExactlyInAnyOrder("runs-1", "strangers-3");
      assertThat(inkling.type(environment, "clusters", "sweep").output())
          .isEqualTo("Every machine belongs to an experiment that runs.\n");
    } finally {
      for (Cluster cluster : sky.list()) {
        sky.release(cluster.name(), cluster.generation(), line -> {});
      }
    }
  }

  private static ClusterRequest request(String experiment) {
    return new ClusterRequest(
        experiment,
        experiment,
        1,
        new Compute.Sky(
            Compute.Precision.BF16,
            1,
            Optional.empty(),
            Optional.of("aws/us-east-1"),
            false,
            List.of(),
            Optional.empty(),
            10,
            1,
            Optional.empty(),
            1));
  }

  /** Makes a machine ten minutes older: young ones are left in peace. */
  private static void age(FakeCloud cloud, String experiment) throws Exception {
    Path file =
        cloud.home().resolve("clusters").resolve(ClusterRequest.nameOf(experiment) + ".json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode state = (ObjectNode) json.readTree(file.toFile());
    state.put("launched_at", state.path("launched_at").asLong() - 600);
    Path part = Files.writeString(file.resolveSibling("aged.part"), state.toString());
    Files.move(part, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }
}
