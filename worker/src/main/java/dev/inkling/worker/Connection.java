package dev.inkling.worker;

import com.uber.m3.tally.Scope;
import dev.inkling.workflow.Attributes;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.operatorservice.v1.AddSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.ListSearchAttributesRequest;
import io.temporal.api.workflowservice.v1.GetSystemInfoRequest;
import io.temporal.api.workflowservice.v1.GetSystemInfoResponse;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.serviceclient.OperatorServiceStubs;
import io.temporal.serviceclient.OperatorServiceStubsOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLException;

/** A connection to a Temporal service. */
public final class Connection implements AutoCloseable {
  /** A probe of a worker's health waits for hardly longer. */
  private static final Duration PROBE = Duration.ofSeconds(2);

  private final WorkflowServiceStubs stubs;
  private final WorkflowServiceStubsOptions options;
  private final WorkflowClient client;

  private Connection(WorkflowServiceStubsOptions options, WorkflowClientOptions clientOptions) {
    this.options = options;
    this.stubs = WorkflowServiceStubs.newServiceStubs(options);
    this.client = WorkflowClient.newInstance(stubs, clientOptions);
  }

  /**
   * What TEMPORAL_ADDRESS and its kin, or a profile in Temporal's configuration file, say; empty if
   * they name no address.
   *
   * @throws IOException if the configuration cannot be read
   */
  public static Optional<ClientConfigProfile> configured() throws IOException {
    ClientConfigProfile profile = ClientConfigProfile.load();
    String address = profile.getAddress();
    return address == null || address.isBlank() ? Optional.empty() : Optional.of(profile);
  }

  /** Connects as configured. */
  public static Connection to(ClientConfigProfile profile, Optional<Scope> metrics) {
    WorkflowServiceStubsOptions.Builder options =
        WorkflowServiceStubsOptions.newBuilder(profile.toWorkflowServiceStubsOptions());
    metrics.ifPresent(options::setMetricsScope);
    return new Connection(options.build(), profile.toWorkflowClientOptions());
  }

  /** Connects to a server on this machine. */
  public static Connection to(String address, Optional<Scope> metrics) {
    WorkflowServiceStubsOptions.Builder options =
        WorkflowServiceStubsOptions.newBuilder().setTarget(address);
    metrics.ifPresent(options::setMetricsScope);
    return new Connection(options.build(), WorkflowClientOptions.getDefaultInstance());
  }

  /** The client. */
  public WorkflowClient client() {
    return client;
  }

  /** The client of schedules. */
  ScheduleClient schedules() {
    return ScheduleClient.newInstance(
        stubs, ScheduleClientOptions.newBuilder().setNamespace(namespace()).build());
  }

  /** Where it leads. */
  public String address() {
    return options.getTarget();
  }

  /** The namespace. */
  public String namespace() {
    return client.getOptions().getNamespace();
  }

  /**
   * Waits until the service answers. The SDK's own waiting goes on for a minute, whatever it is
   * told, also where a certificate or a key will never be right.
   *
   * @throws StatusRuntimeException if it does not within the limit, or will not
   */
  public void await(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    StatusRuntimeException telling = null;
    while (true) {
      try {
        ask(PROBE);
        return;
      } catch (StatusRuntimeException e) {
        // One that ran out of time says less than one that was turned away.
        telling = telling == null || e.getCause() != null ? e : telling;
        if (hopeless(e) || System.nanoTime() > end) {
          throw telling;
        }
      }
      LockSupport.parkNanos(PROBE.toNanos() / 20);
    }
  }

  /** Whether the service answers at once. */
  public boolean answers() {
    try {
      ask(PROBE);
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private void ask(Duration limit) {
    GetSystemInfoResponse _ =
        stubs
            .blockingStub()
            .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS)
            .getSystemInfo(GetSystemInfoRequest.getDefaultInstance());
  }

  private static boolean hopeless(StatusRuntimeException e) {
    Status.Code code = e.getStatus().getCode();
    boolean tls = false;
    for (Throwable t = e; t != null; t = t.getCause()) {
      tls |= t instanceof SSLException;
    }
    return tls || code == Status.Code.UNAUTHENTICATED || code == Status.Code.PERMISSION_DENIED;
  }

  /**
   * Makes sure that the service knows Inkling's search attributes; without them a workflow would
   * wait for ever.
   *
   * @throws IllegalStateException with the command to type if they are missing and cannot be added
   */
  public void ensureSearchAttributes() {
    OperatorServiceStubs operator =
        OperatorServiceStubs.newServiceStubs(
            OperatorServiceStubsOptions.newBuilder()
                .setChannel(stubs.getRawChannel())
                .validateAndBuildWithDefaults());
    try {
      var known =
          operator
              .blockingStub()
              .listSearchAttributes(
                  ListSearchAttributesRequest.newBuilder().setNamespace(namespace()).build())
              .getCustomAttributesMap();
      AddSearchAttributesRequest.Builder missing =
          AddSearchAttributesRequest.newBuilder().setNamespace(namespace());
      Attributes.names().stream()
          .filter(name -> !known.containsKey(name))
          .forEach(
              name ->
                  missing.putSearchAttributes(name, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD));
      if (missing.getSearchAttributesCount() > 0) {
        operator.blockingStub().addSearchAttributes(missing.build());
      }
    } catch (StatusRuntimeException e) {
      throw new IllegalStateException(
          "The search attributes "
              + String.join(", ", Attributes.names())
              + " could not be looked up or added at "
              + address()
              + " ("
              + e.getStatus().getCode()
              + "). Add them once, for example: temporal operator search-attribute create --type Keyword --name "
              + String.join(" --name ", Attributes.names()),
          e);
    }
  }

  @Override
  public void close() {
    stubs.shutdown();
    if (!stubs.awaitTermination(1, TimeUnit.SECONDS)) {
      stubs.shutdownNow();
    }
  }
}
