package dev.inkling.starter;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.server.EmbeddedServer;
import dev.inkling.server.TemporalCli;
import dev.inkling.server.TemporalPages;
import dev.inkling.worker.Connection;
import dev.inkling.worker.Home;
import dev.inkling.worker.InklingWorker;
import dev.inkling.workflow.Experiment;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.envconfig.ClientConfigProfile;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A command's connection: to the Temporal service that the environment names, or to the embedded
 * server.
 *
 * @param embedded the embedded server, if it is used
 */
record Session(Connection connection, Optional<EmbeddedServer> embedded) implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(15);

  /**
   * Opens one.
   *
   * @param stays whether an embedded server outlives the command
   */
  static Session open(
      Home home, boolean stays, Consumer<String> tell, Optional<com.uber.m3.tally.Scope> metrics)
      throws IOException, UserException {
    Optional<ClientConfigProfile> configured = configured();
    Optional<EmbeddedServer> embedded = Optional.empty();
    if (configured.isEmpty()) {
      TemporalCli cli = new TemporalCli(home.directory(), System.getenv().getOrDefault("PATH", ""));
      embedded = Optional.of(EmbeddedServer.use(home.directory(), stays, cli, tell));
    }
    Connection connection =
        configured.isPresent()
            ? to(configured.get(), metrics)
            : Connection.to(embedded.orElseThrow().address(), metrics);
    try {
      connection.await(CONNECT);
    } catch (RuntimeException e) {
      connection.close();
      if (embedded.isPresent()) {
        embedded.get().close();
      }
      throw new UserException(Main.FAILED, ConnectionFailure.message(connection.address(), e));
    }
    return new Session(connection, embedded);
  }

  /**
   * The service that the environment names, if it names one.
   *
   * @throws UserException if the configuration cannot be read
   */
  static Optional<ClientConfigProfile> configured() throws UserException {
    try {
      return Connection.configured();
    } catch (IOException | RuntimeException e) {
      throw new UserException(Main.FAILED, ConnectionFailure.configuration(e));
    }
  }

  /** A connection as configured. */
  static Connection to(ClientConfigProfile profile, Optional<com.uber.m3.tally.Scope> metrics)
      throws UserException {
    try {
      return Connection.to(profile, metrics);
    } catch (RuntimeException e) {
      throw new UserException(Main.FAILED, ConnectionFailure.configuration(e));
    }
  }

  /** Says what is being prepared, beside the command's own output. */
  static void tell(String text) {
    System.err.println(text);
  }

  /** The page of an experiment in the Temporal UI, where its address is known. */
  Optional<String> page(WorkflowExecution experiment) {
    return pages().map(p -> p.of(experiment));
  }

  /**
   * A worker, if this command had to start the server: then no other one is there to carry out what
   * it asks for.
   */
  Optional<InklingWorker> workerIfAlone(Home home) {
    return embedded
        .filter(EmbeddedServer::ownStart)
        .map(_ -> InklingWorker.start(connection, home, List.of(Experiment.TASK_QUEUE)));
  }

  /**
   * Starts a workflow on the queue of ordinary workers, or attaches: the same one under way, from
   * another terminal or before a crash, is the one we want.
   */
  WorkflowStub startOrAttach(String type, String id, String summary, JsonNode document) {
    if (embedded.isEmpty()) {
      connection.ensureSearchAttributes();
    }
    WorkflowStub workflow =
        connection
            .client()
            .newUntypedWorkflowStub(
                type,
                WorkflowOptions.newBuilder()
                    .setWorkflowId(id)
                    .setTaskQueue(Experiment.TASK_QUEUE)
                    .setWorkflowIdConflictPolicy(
                        WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING)
                    .setStaticSummary(brief(summary))
                    .build());
    workflow.start(document);
    return workflow;
  }

  /** Temporal takes 400 bytes. */
  private static String brief(String summary) {
    return summary.length() <= 100 ? summary : summary.substring(0, 99) + "…";
  }

  /** An experiment that Temporal knows, running or ended. */
  WorkflowStub existing(String id) throws UserException {
    WorkflowStub workflow = connection.client().newUntypedWorkflowStub(id);
    try {
      workflow.describe();
      return workflow;
    } catch (WorkflowNotFoundException e) {
      throw new UserException(
          Main.BAD_INPUT, "There is no experiment '" + id + "'. See: inkling status");
    }
  }

  /** The form that starts an experiment in the Temporal UI, type and queue filled in. */
  Optional<String> form() {
    return pages().map(TemporalPages::form);
  }

  private Optional<TemporalPages> pages() {
    return embedded.map(e -> new TemporalPages(e.ui(), connection.namespace()));
  }

  @Override
  public void close() throws IOException {
    connection.close();
    if (embedded.isPresent()) {
      embedded.get().close();
    }
  }
}
