package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.worker.Connection;
import dev.inkling.workflow.ExperimentResult;
import io.temporal.client.WorkflowStub;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Stories of experiments on machines, told beside each other: they mostly wait, for heartbeats and
 * for idle machines. The workers here and on the machines are real; the machines are processes of a
 * stand-in. Every story has a store and a cloud of its own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ClusterStories {
  /** Trains for seconds, so that there is time to take a machine away. */
  static final String LONG =
      """
      {"preset": "promptmlp", "seeds": [3], "models": {"teacher": {"finetune": {"epochs": 1500}}}}""";

  /** Trains hardly at all: it is held wherever a story wants it. */
  static final String BRIEF = brief(3);

  /** More would keep each other from the cores, and machines would look idle. */
  private static final int AT_ONCE = 5;

  @TempDir static Path directory;
  private final ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE);
  private final Map<String, Future<?>> told = new LinkedHashMap<>();
  private CloudStage stage;

  /** What happens to the machines of an experiment. */
  @FunctionalInterface
  interface Story {
    void tell(CloudScene scene) throws Exception;
  }

  /** What happens to the server, too. */
  @FunctionalInterface
  interface ServerStory {
    void tell(CloudScene scene, DevServer server) throws Exception;
  }

  static String brief(int seed) {
    return """
        {"preset": "promptmlp", "seeds": [%d], "models": {"teacher": {"finetune": {"epochs": 1}}}}"""
        .formatted(seed);
  }

  @BeforeAll
  void open() throws Exception {
    stage = new CloudStage(directory);
  }

  @AfterAll
  void close() throws Exception {
    executor.shutdownNow();
    executor.awaitTermination(1, TimeUnit.MINUTES);
    stage.close();
  }

  /**
   * Whether those are told too that take much the same way through the code: {@code
   * -Dinkling.stories=all}.
   */
  static boolean all() {
    return "all".equals(System.getProperty("inkling.stories"));
  }

  CloudStage stage() {
    return stage;
  }

  /** Begins to tell a story. */
  void tell(String name, CloudKind kind, String spec, Story story) {
    tell(name, kind, spec, CloudLimits.USUAL, story);
  }

  /** The same where machines have these limits. */
  void tell(String name, CloudKind kind, String spec, CloudLimits limits, Story story) {
    begin(
        name,
        kind,
        (id, home) ->
            story.tell(new CloudScene(home, stage.connection(), id, spec, "H100:1", limits)));
  }

  /** The same on a Temporal server of its own. */
  void tellWithServer(String name, CloudKind kind, String spec, ServerStory story) {
    begin(
        name,
        kind,
        (id, home) -> {
          try (DevServer server = new DevServer(directory.resolve(id).resolve("temporal"));
              Connection own = Connection.to(server.address(), Optional.empty())) {
            story.tell(new CloudScene(home, own, id, spec, "H100:1", CloudLimits.PATIENT), server);
          }
        });
  }

  /** An experiment of its own in the same home, held at a moment. */
  CloudScene heldAt(Moment moment, CloudHome home) throws Exception {
    int number = List.of(Moment.values()).indexOf(moment);
    CloudScene scene =
        new CloudScene(
            home,
            stage.connection(),
            home.queue() + "-" + number,
            brief(100 + number),
            moment + ":1",
            CloudLimits.USUAL);
    scene.hold(moment);
    return scene;
  }

  private interface Told {
    void in(String id, CloudHome home) throws Exception;
  }

  private void begin(String name, CloudKind kind, Told story) {
    String id = kind.name().toLowerCase(Locale.ROOT) + "-" + name;
    told.put(
        id,
        executor.submit(
            () -> {
              long begun = System.nanoTime();
              try (CloudHome home = stage.home(id, kind)) {
                story.in(id, home);
              }
              System.out.printf(
                  "%s: %s, %d s%n",
                  getClass().getSimpleName(), id, (System.nanoTime() - begun) / 1_000_000_000);
              return null;
            }));
  }

  /** One test for each story that was begun. */
  Stream<DynamicTest> endings() {
    return told.entrySet().stream()
        .map(one -> DynamicTest.dynamicTest(one.getKey(), () -> one.getValue().get()));
  }

  /** It ends in the same bytes, on so many machines, and leaves nothing. */
  void ends(CloudScene scene, WorkflowStub workflow, long machines) throws Exception {
    workflow.getResult(Terminal.LONG.toSeconds(), TimeUnit.SECONDS, ExperimentResult.class);
    assertThat(scene.home().stages()).isEqualTo(stage.withoutMachines(scene.withoutMachines()));
    scene.replays();
    scene.endsWith(machines, CloudScene.ended(workflow));
  }
}
