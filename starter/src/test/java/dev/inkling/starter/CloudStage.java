package dev.inkling.starter;

import dev.inkling.provision.fake.FakeCloud;
import dev.inkling.worker.Connection;
import dev.inkling.workflow.ClusterSweep;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.api.history.v1.ActivityTaskTimedOutEventAttributes;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowStub;
import io.temporal.client.schedules.ScheduleClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What scenes with machines share: one Temporal server, one archive of Inkling, and what their
 * experiments make without machines.
 */
final class CloudStage implements AutoCloseable {
  private final Path directory;
  private final Terminal server;
  private final Connection connection;
  private final Path archive;
  private final Path java;
  private final Map<String, Map<String, String>> withoutMachines = new HashMap<>();

  /** Starts the server. */
  CloudStage(Path directory) throws Exception {
    this.directory = directory;
    server = new Terminal(directory.resolve("server"));
    server.type("server").awaitText("Temporal UI");
    connection = Connection.to(server.serverAddress(), Optional.empty());
    connection.await(Terminal.LONG);
    archive = FakeCloud.archive(directory.resolve("inkling.jar"), Main.class.getName());
    java = FromArchive.java(directory.resolve("java"));
  }

  Connection connection() {
    return connection;
  }

  /** A folder of its own for a story. */
  CloudHome home(String id, CloudKind kind) throws IOException {
    return new CloudHome(directory.resolve(id), kind, archive, java);
  }

  /** What an experiment makes where nothing happens: its stages' files. */
  synchronized Map<String, String> withoutMachines(String spec) throws Exception {
    Map<String, String> known = withoutMachines.get(spec);
    if (known != null) {
      return known;
    }
    Path home = directory.resolve("without-machines-" + withoutMachines.size());
    Path file = Files.writeString(directory.resolve("spec.json"), spec);
    try (Terminal here = new Terminal(home)) {
      here.type(Map.of("TEMPORAL_ADDRESS", connection.address()), "run", file.toString())
          .mustSucceed();
    }
    Map<String, String> made = CloudScene.stages(home);
    withoutMachines.put(spec, made);
    return made;
  }

  /** The heartbeats that did not come, as far as the workflow heard of them. */
  List<ActivityTaskTimedOutEventAttributes> silences(WorkflowStub workflow) {
    return connection
        .client()
        .fetchHistory(workflow.getExecution().getWorkflowId())
        .getEvents()
        .stream()
        .filter(HistoryEvent::hasActivityTaskTimedOutEventAttributes)
        .map(HistoryEvent::getActivityTaskTimedOutEventAttributes)
        .filter(
            event ->
                event.getFailure().getTimeoutFailureInfo().getTimeoutType()
                    == TimeoutType.TIMEOUT_TYPE_HEARTBEAT)
        .toList();
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
