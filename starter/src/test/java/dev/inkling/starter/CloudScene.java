package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.plan.Plan;
import dev.inkling.preset.Resolver;
import dev.inkling.provision.fake.FakeCloud;
import dev.inkling.worker.Connection;
import dev.inkling.workflow.ClusterRequest;
import dev.inkling.workflow.Experiment;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.PendingActivityState;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowServiceException;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One experiment on machines of a stand-in, at a moment where it is held if a story wants it. It
 * lies in a {@link CloudHome}, which several may share.
 */
final class CloudScene {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final CloudHome home;
  private final Connection connection;
  private final String id;
  private final String accelerators;
  private final CloudLimits limits;
  private final String withoutMachines;
  private final JsonNode spec;
  private final Plan plan;

  /**
   * Sets it up; nothing runs yet.
   *
   * @param withoutMachines the spec of what is done
   * @param accelerators the kind of its machines; what a cloud does it does to one kind
   */
  CloudScene(
      CloudHome home,
      Connection connection,
      String id,
      String withoutMachines,
      String accelerators,
      CloudLimits limits)
      throws Exception {
    this.home = home;
    this.connection = connection;
    this.id = id;
    this.accelerators = accelerators;
    this.limits = limits;
    this.withoutMachines = withoutMachines;
    ObjectNode whole = (ObjectNode) JSON.readTree(withoutMachines);
    this.spec = whole.set("compute", JSON.readTree(home.kind().compute(id, accelerators, limits)));
    plan = Resolver.plan(this.spec);
    home.secret(id, connection.address());
  }

  CloudHome home() {
    return home;
  }

  /** The spec of what is done. */
  String withoutMachines() {
    return withoutMachines;
  }

  String machine() {
    return ClusterRequest.nameOf(id);
  }

  FakeCloud cloud() {
    return home.cloud();
  }

  /** Starts the experiment, or the same one again. */
  WorkflowStub start() {
    WorkflowStub workflow =
        connection
            .client()
            .newUntypedWorkflowStub(
                Experiment.TYPE,
                WorkflowOptions.newBuilder().setWorkflowId(id).setTaskQueue(home.queue()).build());
    workflow.start(spec);
    return workflow;
  }

  /** An ordinary worker, which asks for machines and gives them back. */
  Terminal.Command worker(Map<String, String> more) throws IOException {
    return worker(home.queue(), more);
  }

  Terminal.Command worker(String queue, Map<String, String> more) throws IOException {
    return type(more, "worker", "--queue", queue);
  }

  /** A command that runs from the archive, as ./inkling does. */
  Terminal.Command type(Map<String, String> more, String... arguments) throws IOException {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("TEMPORAL_ADDRESS", connection.address());
    return home.type(environment, arguments);
  }

  /** From now on it gets no further than this. */
  void hold(Moment moment) throws IOException {
    if (moment.wish().isPresent()) {
      home.wish(moment.wish().get(), accelerators, true);
    } else {
      home.holds().take(moment.key(plan));
    }
  }

  /** It goes on from there. */
  void letGo(Moment moment) throws IOException {
    if (moment.wish().isPresent()) {
      home.wish(moment.wish().get(), accelerators, false);
    } else {
      home.holds().letGo(moment.key(plan));
    }
  }

  /** Waits until it is held at this moment. */
  void await(Moment moment) throws Exception {
    await(
        id + " at " + moment,
        () -> {
          for (PendingActivityInfo activity : pending()) {
            if (at(moment, activity)) {
              return true;
            }
          }
          return false;
        });
    if (moment == Moment.PAUSE) {
      update("pause");
      await(id + " to be paused", () -> pending().isEmpty());
    }
  }

  private boolean at(Moment moment, PendingActivityInfo activity) throws IOException {
    if (!activity.getActivityType().getName().equals(moment.activity())) {
      return false;
    }
    boolean runs = activity.getState() == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED;
    return switch (moment) {
      case CAPACITY ->
          activity.getAttempt() > 1 && bill().living() == home.kind().whileThereIsNone();
      case LAUNCH -> bill().launches() > 0 || home.launches(machine());
      case BOOT -> !runs;
      case DATASET, EVALUATION, TRAINING, PAUSE, RELEASE, REPORT -> runs;
    };
  }

  /** The experiment that runs, or did last. */
  WorkflowStub stub() {
    return connection.client().newUntypedWorkflowStub(id);
  }

  /** Goes on after a pause. */
  void unpause() throws Exception {
    update("unpause");
  }

  private void update(String name) throws Exception {
    await(
        id + " to take the " + name,
        () -> {
          try {
            stub().update(name, Void.class);
            return true;
          } catch (WorkflowServiceException e) {
            return false; // the worker that was to answer was killed
          }
        });
  }

  private List<PendingActivityInfo> pending() {
    return connection
        .client()
        .getWorkflowServiceStubs()
        .blockingStub()
        .describeWorkflowExecution(
            DescribeWorkflowExecutionRequest.newBuilder()
                .setNamespace(connection.client().getOptions().getNamespace())
                .setExecution(stub().getExecution())
                .build())
        .getPendingActivitiesList();
  }

  /** Waits until a machine trains, and has something that the next one can go on from. */
  void awaitTraining() throws Exception {
    await("a checkpoint", home::hasCheckpoint);
  }

  /** Waits until a worker on some machine goes on from what another one has kept. */
  void awaitGoingOn() throws Exception {
    awaitSaid("went on from step ");
  }

  /** Waits for words in the log of a machine that has the name now. */
  void awaitSaid(String words) throws Exception {
    await("'" + words + "'", () -> home.said(machine(), words));
  }

  /** The Java of the worker on the first, the second, ... machine. */
  ProcessHandle node(int number) throws IOException {
    String queue = bill().queue(number);
    return nodes()
        .filter(node -> CloudHome.words(node).contains(queue))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no worker of " + queue));
  }

  /** The Java of every worker on its machines. */
  Stream<ProcessHandle> nodes() {
    return home.processes().stream()
        .filter(process -> process.info().command().orElse("").endsWith("/java"))
        .filter(
            node ->
                CloudHome.words(node).stream().anyMatch(word -> word.startsWith(machine() + ".")));
  }

  static void signal(ProcessHandle process, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
  }

  /** What its machines cost. */
  Bill bill() throws IOException {
    return new Bill(
        cloud().ledger().stream()
            .filter(
                event ->
                    event.path("cluster").asText().equals(machine())
                        || event.path("name").asText().startsWith(machine() + "."))
            .toList());
  }

  /**
   * So many machines were made, they have ended, none of them too late, and they have cost what
   * they were needed for and one idle limit at most.
   *
   * @param needed when nobody needed them any more
   */
  void hasPaidFor(long machines, Instant needed) throws Exception {
    Bill bill = bill();
    assertThat(bill.launches()).as("machines of %s: %s", id, bill).isEqualTo(machines);
    assertThat(bill.living()).as("living machines of %s: %s", id, bill).isZero();
    assertThat(bill.excess(needed)).as(id).isEmpty();
    assertThat(bill.longestLife())
        .as("the longest life of %s", id)
        .isLessThanOrEqualTo(limits.life().plus(home.kind().afterWork(limits)));
    assertThat(cloud().living()).noneMatch(name -> name.startsWith(machine()));
  }

  /** The same, and nothing runs any more of all that was started there. */
  void endsWith(long machines, Instant needed) throws Exception {
    home.stopCommands();
    hasPaidFor(machines, needed);
    await("no process of " + id, () -> home.processes().isEmpty());
  }

  /** Today's workflow takes the same steps as the one that ran. */
  void replays() {
    Replay.of(connection.client().fetchHistory(id));
  }

  /** When a workflow had ended. */
  static Instant ended(WorkflowStub workflow) {
    return workflow.describe().getCloseTime();
  }

  static void await(String what, Callable<Boolean> holds) throws Exception {
    long end = System.nanoTime() + Terminal.LONG.toNanos();
    while (!holds(holds)) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain for " + what);
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private static boolean holds(Callable<Boolean> condition) throws Exception {
    try {
      return condition.call();
    } catch (StatusRuntimeException e) {
      return false; // the server was killed a moment ago
    }
  }

  /** The hashes of what stages have made; a report tells of the machines, so it is left out. */
  static Map<String, String> stages(Path store) throws IOException {
    Map<String, String> made = Terminal.artifactHashes(store);
    made.keySet()
        .removeIf(
            file -> {
              Path artifact = Path.of(file).getName(0);
              return Files.exists(
                  store.resolve("artifacts").resolve(artifact).resolve("results.json"));
            });
    return made;
  }
}
