package dev.inkling.serve;

import dev.inkling.server.EmbeddedServer;
import dev.inkling.server.TemporalPages;
import dev.inkling.worker.Connection;
import dev.inkling.workflow.Attributes;
import dev.inkling.workflow.Experiment;
import dev.inkling.workflow.Progress;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowExecutionMetadata;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowTargetOptions;
import io.temporal.common.SearchAttributeKey;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.failure.TemporalFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Looks at the Temporal service that is configured, or at the embedded one if it runs. */
public final class TemporalView implements AutoCloseable {
  /** A page waits so long for the service altogether, half of it for a worker's answer. */
  private static final int PATIENCE_MILLIS = 4000;

  /** More would only slow the page; the reports stand in the list anyway. */
  private static final int MOST = 100;

  private final Path home;
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();

  /** What a run has failed with does not change. */
  private final Map<String, String> failures = new ConcurrentHashMap<>();

  private Optional<Connection> open = Optional.empty();

  /**
   * A view.
   *
   * @param home INKLING_HOME, whose embedded server is meant
   */
  public TemporalView(Path home) {
    this.home = home;
  }

  /** What is known now; never fails, and never starts a server. */
  public Live look() {
    try {
      Optional<ClientConfigProfile> configured = Connection.configured();
      Optional<String> embedded =
          configured.isPresent() ? Optional.empty() : EmbeddedServer.runningAddress(home);
      if (configured.isEmpty() && embedded.isEmpty()) {
        return Live.none(
            "No Temporal server runs now, so only finished experiments are shown. ./inkling worker"
                + " starts one, and ./inkling run for as long as it works.");
      }
      Optional<String> ui = EmbeddedServer.runningUi(home).filter(_ -> embedded.isPresent());
      Connection connection = connection(configured, embedded);
      return within(PATIENCE_MILLIS, () -> read(connection, ui))
          .orElseGet(
              () ->
                  Live.none(
                      "The Temporal service at "
                          + connection.address()
                          + " does not answer, so only finished experiments are shown."));
    } catch (IOException e) {
      return Live.none(
          "Temporal's configuration cannot be read, so only finished experiments are shown: "
              + e.getMessage());
    }
  }

  private synchronized Connection connection(
      Optional<ClientConfigProfile> configured, Optional<String> embedded) {
    String wanted = embedded.orElse("");
    if (open.isPresent() && (embedded.isEmpty() || open.get().address().equals(wanted))) {
      return open.get();
    }
    open.ifPresent(Connection::close);
    Connection connection =
        embedded.isPresent()
            ? Connection.to(wanted, Optional.empty())
            : Connection.to(configured.orElseThrow(), Optional.empty());
    open = Optional.of(connection);
    return connection;
  }

  private Live read(Connection connection, Optional<String> ui) {
    List<WorkflowExecutionMetadata> found;
    try (Stream<WorkflowExecutionMetadata> all =
        connection.client().listExecutions("WorkflowType = '" + Experiment.TYPE + "'")) {
      found = all.limit(MOST).toList();
    }
    List<Future<Live.Execution>> futures =
        found.stream().map(e -> calls.submit(() -> execution(connection, ui, e))).toList();
    return new Live("", futures.stream().map(TemporalView::result).toList());
  }

  private Live.Execution execution(
      Connection connection, Optional<String> ui, WorkflowExecutionMetadata e) {
    String workflow = e.getExecution().getWorkflowId();
    boolean running = e.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
    boolean failed = e.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_FAILED;
    WorkflowStub stub =
        connection
            .client()
            .newUntypedWorkflowStub(
                WorkflowTargetOptions.newBuilder().setWorkflowExecution(e.getExecution()).build());
    Optional<Progress> progress =
        running
            ? within(PATIENCE_MILLIS / 2, () -> stub.query("progress", Progress.class))
            : Optional.empty();
    return new Live.Execution(
        workflow,
        memo(e, "experiment").orElse(workflow),
        state(e),
        memo(e, "question").orElse(""),
        e.getStartTime(),
        running,
        ui.map(u -> new TemporalPages(u, connection.namespace()).of(e.getExecution())),
        progress,
        failed ? failure(e.getExecution().getRunId(), stub) : Optional.empty());
  }

  private static Optional<String> memo(WorkflowExecutionMetadata e, String name) {
    return Optional.ofNullable((String) e.getMemo(name, String.class));
  }

  private Optional<String> failure(String run, WorkflowStub stub) {
    if (!failures.containsKey(run)) {
      within(PATIENCE_MILLIS / 2, () -> failure(stub)).ifPresent(f -> failures.put(run, f));
    }
    return Optional.ofNullable(failures.get(run));
  }

  /** The words of the innermost failure: those that an activity wrote for people. */
  private static String failure(WorkflowStub stub) throws TimeoutException {
    try {
      stub.getResult(PATIENCE_MILLIS, TimeUnit.MILLISECONDS, Object.class);
      return "";
    } catch (WorkflowFailedException e) {
      String message = String.valueOf(e.getMessage());
      for (Throwable c = e.getCause(); c != null; c = c.getCause()) {
        if (c instanceof TemporalFailure f && f.getOriginalMessage() != null) {
          message = f.getOriginalMessage();
        }
      }
      return message;
    }
  }

  /**
   * An execution's state in one word: the workflow's own while it runs; Temporal's once it has
   * ended, which is true also if it was terminated.
   */
  public static String state(WorkflowExecutionMetadata e) {
    WorkflowExecutionStatus status = e.getStatus();
    if (status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
      String own =
          e.getTypedSearchAttributes()
              .get(SearchAttributeKey.forKeyword(Attributes.STATE.getName()));
      return own == null ? "waiting" : own.toLowerCase(Locale.ROOT);
    }
    return switch (status) {
      // As the workflow itself, its reports and every message spell it.
      case WORKFLOW_EXECUTION_STATUS_CANCELED -> "cancelled";
      case WORKFLOW_EXECUTION_STATUS_TIMED_OUT -> "timed out";
      default -> status.name().replace("WORKFLOW_EXECUTION_STATUS_", "").toLowerCase(Locale.ROOT);
    };
  }

  /** The answer, if there is one in time. */
  private <T> Optional<T> within(int millis, Callable<T> call) {
    Future<T> future = calls.submit(call);
    try {
      return Optional.ofNullable(future.get(millis, TimeUnit.MILLISECONDS));
    } catch (ExecutionException | TimeoutException e) {
      future.cancel(true);
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static <T> T result(Future<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public synchronized void close() {
    open.ifPresent(Connection::close);
    calls.shutdownNow();
  }
}
