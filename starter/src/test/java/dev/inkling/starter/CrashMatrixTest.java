package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Versions;
import dev.inkling.crash.CrashPoint;
import dev.inkling.worker.Connection;
import dev.inkling.workflow.Experiment;
import dev.inkling.workflow.ExperimentResult;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker that ends at every crash point, and another one that goes on: the same artifacts, the
 * same result, nothing half readable, nothing left over. One real Temporal server serves all cases;
 * each has a store and a task queue of its own.
 */
@Timeout(1200)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrashMatrixTest {
  /** Cases mostly wait for a heartbeat timeout, so a few run beside each other. */
  private static final int AT_ONCE = 4;

  private static final String SPEC =
      """
      {"preset": "promptmlp", "name": "crashes", "seeds": [3],
       "models": {"teacher": {"finetune": {"epochs": 500}}}}""";

  @TempDir static Path directory;
  private Terminal server;
  private Connection connection;
  private Outcome uncrashed;
  private List<String> trace;

  /** What must not depend on crashes. */
  private record Outcome(
      Map<String, String> artifacts, List<ExperimentResult.ConditionResult> conditions) {}

  @BeforeAll
  void anUncrashedRun() throws Exception {
    server = new Terminal(directory.resolve("server"));
    Terminal.Command command = server.type("server");
    command.awaitText("Temporal UI");
    connection = Connection.to(server.serverAddress(), Optional.empty());
    Path traced = directory.resolve("trace");
    uncrashed =
        experiment("uncrashed", List.of(Map.of("INKLING_CRASH_TRACE", traced.toString())), "");
    trace = Files.readAllLines(traced);
  }

  @AfterAll
  void close() throws IOException {
    connection.close();
    server.close();
  }

  @Test
  void anUncrashedRunComesByEveryPoint() {
    assertThat(trace).contains(names());
  }

  @Test
  void aCrashAtAnyPointChangesNothing() throws Exception {
    List<Callable<Void>> cases = new ArrayList<>();
    for (String point : names()) {
      cases.add(() -> sameAfter(List.of(point + ":1")));
    }
    all(cases);
  }

  @Test
  void twoToFourCrashesChangeNothing() throws Exception {
    long seed = System.nanoTime();
    System.out.println("CrashMatrixTest, several crashes: seed " + seed);
    Random random = new Random(seed);
    List<Callable<Void>> cases = new ArrayList<>();
    for (int crashes = 2; crashes <= 4; crashes++) {
      List<String> points = new ArrayList<>();
      for (int i = 0; i < crashes; i++) {
        String point = names()[random.nextInt(names().length)];
        int hits = Collections.frequency(trace, point);
        points.add(point + ":" + (1 + random.nextInt(hits)));
      }
      cases.add(() -> sameAfter(points));
    }
    all(cases);
  }

  /** The suite notices when publishing is not one rename. */
  @Test
  void publishingFileByFileWouldBeNoticed() throws Exception {
    String mutant =
        Mutant.of(
                directory.resolve("mutant-rename"),
                Class.forName("dev.inkling.artifact.LocalWork"),
                "root.moveUnlessThere(output(), root.published(key));",
                "Path target = root.published(key);"
                    + " Files.createDirectories(target); for (Path f : Disk.entries(output())) {"
                    + " Files.copy(f, target.resolve(f.getFileName())); CrashPoint.RENAMED.reached(); }")
            .path();
    Path home = Files.createDirectories(directory.resolve("without-rename"));
    try (Terminal terminal = new Terminal(home)) {
      WorkflowStub workflow = start("without-rename");
      // Passed by the plan and by checkpoints too; one of the first few is the publishing of the
      // first artifact.
      for (int times = 1; times <= 4; times++) {
        Terminal.Command worker =
            worker(
                terminal,
                "without-rename",
                Map.of("INKLING_CRASH_AT", "RENAMED:" + times, Terminal.CLASSES_FIRST, mutant));
        assertThat(worker.exitCode()).isEqualTo(CrashPoint.CODE);
        if (!store(home).verify().isEmpty()) {
          return; // half an artifact is readable
        }
      }
      workflow.terminate("it is over");
    }
    throw new AssertionError("an artifact that is copied file by file went unnoticed");
  }

  /**
   * All but those of journals, of calls to a provider, of machines and of buckets, which this
   * experiment has none of; see JournalCrashTest, JobCrashTest, ClusterCrashTest and
   * S3StoreCrashTest.
   */
  private static String[] names() {
    Set<CrashPoint> elsewhere =
        EnumSet.of(
            CrashPoint.JOURNAL_APPENDED,
            CrashPoint.JOURNAL_FORCED,
            CrashPoint.CALL_ANNOUNCED,
            CrashPoint.CALL_ACCEPTED,
            CrashPoint.CALL_WITHDRAWN,
            CrashPoint.MACHINE_ASKED,
            CrashPoint.MACHINE_MADE,
            CrashPoint.MACHINE_ENDED,
            CrashPoint.REMOTE_SENT,
            CrashPoint.REMOTE_KEPT,
            CrashPoint.REMOTE_FILES_SENT,
            CrashPoint.REMOTE_SEALED,
            CrashPoint.REMOTE_PUBLISHED);
    return Arrays.stream(CrashPoint.values())
        .filter(p -> !elsewhere.contains(p))
        .map(Enum::name)
        .toArray(String[]::new);
  }

  private void all(List<Callable<Void>> cases) throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<Void>> results = executor.invokeAll(cases);
      for (Future<Void> result : results) {
        result.get();
      }
    }
  }

  private Void sameAfter(List<String> crashes) throws Exception {
    String id = "crash-" + String.join("-", crashes).replace(':', '.');
    List<Map<String, String>> workers = new ArrayList<>();
    crashes.forEach(at -> workers.add(Map.of("INKLING_CRASH_AT", at)));
    workers.add(Map.of());
    assertThat(experiment(id, workers, "crash")).as(id).isEqualTo(uncrashed);
    return null;
  }

  /** One experiment, worked on by one worker after the other; all but the last may crash. */
  private Outcome experiment(String id, List<Map<String, String>> workers, String why)
      throws Exception {
    Path home = Files.createDirectories(directory.resolve(id));
    try (Terminal terminal = new Terminal(home)) {
      WorkflowStub workflow = start(id);
      for (Map<String, String> environment : workers.subList(0, workers.size() - 1)) {
        Terminal.Command crashing = worker(terminal, id, environment);
        // With several crashes a later one may not be reached any more.
        while (crashing.process().isAlive() && !ended(workflow)) {
          TimeUnit.MILLISECONDS.sleep(100);
        }
        if (crashing.process().isAlive()) {
          assertThat(workers.size()).as(id + " never came by " + environment).isGreaterThan(2);
          crashing.process().destroy();
        } else {
          assertThat(crashing.process().exitValue()).as(crashing.text()).isEqualTo(CrashPoint.CODE);
        }
        assertThat(store(home).verify()).as(id + ": half readable").isEmpty();
      }
      Terminal.Command last = worker(terminal, id, workers.getLast());
      ExperimentResult result =
          workflow.getResult(Terminal.LONG.toSeconds(), TimeUnit.SECONDS, ExperimentResult.class);
      last.signal("TERM");
      assertThat(last.exitCode(Duration.ofSeconds(20))).isEqualTo(143);
      if (!why.isEmpty()) {
        Replay.of(connection.client().fetchHistory(id));
      }
      assertNothingLeft(home);
      return new Outcome(Terminal.artifactHashes(home), result.conditions());
    }
  }

  private static boolean ended(WorkflowStub workflow) {
    return workflow.describe().getStatus()
        != io.temporal.api.enums.v1.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
  }

  private static LocalStore store(Path home) {
    return new LocalStore(home, Clock.systemUTC(), Versions.all());
  }

  /** After the next start nothing temporary is left. */
  private static void assertNothingLeft(Path home) throws IOException {
    store(home).tidy();
    for (String name : List.of("work", "damaged")) {
      Path left = home.resolve(name);
      assertThat(Files.isDirectory(left) ? dev.inkling.artifact.Disk.entries(left) : List.of())
          .as(name)
          .isEmpty();
    }
    try (Stream<Path> files = Files.walk(home.resolve("artifacts"))) {
      assertThat(files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".tmp")))
          .isEmpty();
    }
  }

  private WorkflowStub start(String id) throws IOException {
    WorkflowStub workflow =
        connection
            .client()
            .newUntypedWorkflowStub(
                Experiment.TYPE,
                WorkflowOptions.newBuilder().setWorkflowId(id).setTaskQueue(id).build());
    workflow.start(new ObjectMapper().readTree(SPEC));
    return workflow;
  }

  private Terminal.Command worker(Terminal terminal, String queue, Map<String, String> environment)
      throws IOException {
    Map<String, String> all = new java.util.HashMap<>(environment);
    all.put("TEMPORAL_ADDRESS", connection.address());
    // As often as can be: after each look at the world.
    all.put("INKLING_CHECKPOINT_SECONDS", "0.001");
    return terminal.type(all, "worker", "--queue", queue);
  }
}
