package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.provision.Node;
import dev.inkling.provision.fake.FakeCloud;
import dev.inkling.provision.fake.StandInWorker;
import dev.inkling.provision.sky.SkyProvider;
import dev.inkling.spec.Compute;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Machines as somebody at a terminal sees them; SkyPilot is a stand-in, Slurm a script. */
@Timeout(600)
class ClustersCommandTest {
  private static final String EXPERIMENT = "owls-0123456789";
  private static final ClusterRequest REQUEST =
      new ClusterRequest(
          EXPERIMENT,
          EXPERIMENT,
          2,
          new Compute.Sky(
              Compute.Precision.BF16,
              1,
              Optional.of("H100:1"),
              Optional.of("aws/us-east-1"),
              false,
              List.of(),
              Optional.empty(),
              2,
              1,
              Optional.empty(),
              1));

  @TempDir Path directory;
  private InstalledCommand inkling;
  private FakeCloud cloud;
  private SkyProvider sky;

  @BeforeEach
  void open() throws IOException {
    inkling = InstalledCommand.in(directory);
    cloud = FakeCloud.sky(directory.resolve("cloud"));
    Path store = Files.createDirectories(directory.resolve("store"));
    Path worker = FakeCloud.archive(directory.resolve("worker.jar"), StandInWorker.class.getName());
    sky =
        new SkyProvider(
            cloud.tool(),
            new Node(Map.of("INKLING_STORE", store.toString()), List.of(worker)),
            directory.resolve("launches"),
            Clock.systemUTC(),
            Duration.ofMillis(50));
  }

  @AfterEach
  void leaveNothing() throws Exception {
    sky.release(REQUEST.name(), REQUEST.generation(), line -> {});
  }

  /** SkyPilot's stand-in, a Slurm without jobs, and no Modal. */
  private Map<String, String> tools() throws IOException {
    inkling.tool("squeue", "echo '{\"jobs\": []}'\n");
    Map<String, String> tools = new HashMap<>(cloud.environment());
    tools.put("INKLING_SKY", cloud.program().toString());
    tools.put("INKLING_MODAL", directory.resolve("no-modal").toString());
    return tools;
  }

  @Test
  void whereNoToolIsInstalledThereIsNothingToShow() throws Exception {
    InstalledCommand.Ended ended =
        inkling.type(Map.of("PATH", inkling.tools().toString()), "clusters");

    assertThat(ended.errors()).isEmpty();
    assertThat(ended.output()).contains("None of sbatch, sky and modal is installed here");
    assertThat(ended.code()).isZero();
  }

  @Test
  void aMachineIsShownWithItsCostItsEndAndForWhomItIs() throws Exception {
    cloud.behave("{\"usd_per_hour\": 3600}");
    Cluster made = sky.ensure(REQUEST, line -> {});
    Thread.sleep(1000); // a dollar a second

    InstalledCommand.Ended ended = inkling.type(tools(), "clusters");

    assertThat(ended.errors()).isEmpty();
    assertThat(ended.code()).isZero();
    assertThat(ended.output().lines().findFirst().orElse("").split(" +"))
        .containsExactly("NAME", "BY", "WHERE", "GPU", "STATE", "SINCE", "COST", "UNTIL", "FOR");
    List<String> rows = ended.output().lines().skip(1).toList();
    assertThat(rows).hasSize(1);
    DateTimeFormatter time =
        DateTimeFormatter.ofPattern("MM-dd HH:mmXXX").withZone(ZoneId.systemDefault());
    assertThat(rows.getFirst())
        .startsWith(made.name() + " ")
        .containsPattern(" sky +aws/us-east-1 +H100:1 +up ")
        .contains(time.format(made.since().orElseThrow()))
        .contains(time.format(made.until().orElseThrow()))
        .contains(" " + EXPERIMENT + " (" + made.owner() + ")")
        .containsPattern("\\$[1-9][0-9]*\\.[0-9]{2} ");
  }

  @Test
  void aToolThatDoesNotAnswerIsToldAndHidesNoOther() throws Exception {
    sky.ensure(REQUEST, line -> {});
    Map<String, String> tools = tools();
    inkling.tool(
        "squeue",
        """
        echo 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' >&2
        exit 1
        """);

    InstalledCommand.Ended ended = inkling.type(tools, "clusters");

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.errors())
        .contains("slurm: squeue failed", "Unable to contact slurm controller", "scontrol ping")
        .doesNotContain("\tat ");
    assertThat(ended.output()).contains(REQUEST.name());
    assertThat(inkling.type(tools, "clusters", "down", REQUEST.name()).output())
        .contains(REQUEST.name() + " is ended.");
  }

  @Test
  void downEndsAMachineAndNothingElse() throws Exception {
    sky.ensure(REQUEST, line -> {});
    Map<String, String> tools = tools();

    InstalledCommand.Ended foreign = inkling.type(tools, "clusters", "down", "my-own-cluster");
    assertThat(foreign.code()).isEqualTo(2);
    assertThat(foreign.errors())
        .contains("'my-own-cluster' was not made by Inkling. See: inkling clusters");

    InstalledCommand.Ended unknown = inkling.type(tools, "clusters", "down", "inkling-nobody-0");
    assertThat(unknown.code()).isZero();
    assertThat(unknown.output()).contains("There is no inkling-nobody-0.");
    assertThat(cloud.events()).doesNotContain("ended");

    InstalledCommand.Ended down = inkling.type(tools, "clusters", "down", REQUEST.name());
    assertThat(down.code()).isZero();
    assertThat(down.output()).contains(REQUEST.name() + " is ended.");
    assertThat(sky.list()).isEmpty();
    assertThat(cloud.events()).containsOnlyOnce("ended");
    assertThat(inkling.type(tools, "clusters").output()).isEqualTo("No machines.\n");
  }
}
