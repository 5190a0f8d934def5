package dev.inkling.starter;

import dev.inkling.provision.fake.FakeCloud;
import dev.inkling.worker.Connection;
import dev.inkling.workflow.ClusterSweep;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.api.history.v1.ActivityTaskTimedOutEventAttributes;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowStub;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.common.WorkflowExecutionHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What scenes with machines share: one Temporal server, one archive of Inkling, and what their
 * experiment makes without machines.
 */
final class CloudStage implements AutoCloseable {
  private final Path directory;
  private final String spec;
  private final Terminal server;
  private final Connection connection;
  private final Path archive;
  private final Map<String, String> withoutMachines;

  /** Starts the server, and runs the experiment here. */
  CloudStage(Path directory, String spec) throws Exception {
    this.directory = directory;
    this.spec = spec;
    server = new Terminal(directory.resolve("server"));
    server.type("server").awaitText("Temporal UI");
    connection = Connection.to(server.serverAddress(), Optional.empty());
    archive = FakeCloud.archive(directory.resolve("inkling.jar"), Main.class.getName());
    Path file = Files.writeString(directory.resolve("spec.json"), spec);
    Path home = directory.resolve("without-machines");
    try (Terminal here = new Terminal(home)) {
      here.type(Map.of("TEMPORAL_ADDRESS", connection.address()), "run", file.toString())
          .mustSucceed();
    }
    withoutMachines = CloudScene.stages(home);
  }

  /** The same experiment on machines. */
  CloudScene scene(String id) throws Exception {
    return new CloudScene(directory, id, connection, archive, spec);
  }

  Map<String, String> withoutMachines() {
    return withoutMachines;
  }

  /** Today's workflow takes the same steps as the one that ran. */
  void replays(WorkflowStub workflow) {
    Replay.of(history(workflow));
  }

  /** The heartbeats that did not come, as far as the workflow heard of them. */
  List<ActivityTaskTimedOutEventAttributes> silences(WorkflowStub workflow) {
    return history(workflow).getEvents().stream()
        .filter(HistoryEvent::hasActivityTaskTimedOutEventAttributes)
        .map(HistoryEvent::getActivityTaskTimedOutEventAttributes)
        .filter(
            event ->
                event.getFailure().getTimeoutFailureInfo().getTimeoutType()
                    == TimeoutType.TIMEOUT_TYPE_HEARTBEAT)
        .toList();
  }

  private WorkflowExecutionHistory history(WorkflowStub workflow) {
    return connection.client().fetchHistory(workflow.getExecution().getWorkflowId());
  }

  /** What the schedule does every ten minutes. */
  void lookForOrphansNow() {
    ScheduleClient.newInstance(connection.client().getWorkflowServiceStubs())
        .getHandle(ClusterSweep.SCHEDULE)
        .trigger();
  }

  @Override
  public void close() throws IOException {
    connection.close();
    server.close();
  }
}
