package dev.inkling.provision.modal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.provision.Node;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool;
import dev.inkling.provision.fake.FakeCloud;
import dev.inkling.provision.fake.PretendGpu;
import dev.inkling.provision.fake.StandInWorker;
import dev.inkling.spec.Compute;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.Cluster.State;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Modal by its stand-in, which really loads the page. */
@Timeout(120)
class ModalTest {
  private static final Duration POLL = Duration.ofMillis(50);

  @TempDir Path folder;
  private FakeCloud cloud;
  private Path store;
  private Node node;

  @BeforeEach
  void open() throws IOException {
    cloud = FakeCloud.modal(folder);
    store = Files.createDirectories(folder.resolve("store"));
    node =
        new Node(
            Map.of("INKLING_STORE", store.toString()),
            List.of(
                FakeCloud.archive(folder.resolve("inkling.jar"), StandInWorker.class.getName())));
    // Whoever tests beside a real GPU does not want its libraries fetched.
    secret(Map.of("INKLING_DEVICE", "cpu"));
    Files.createDirectories(cloud.home().resolve("apps"));
  }

  private void secret(Map<String, String> more) throws IOException {
    Map<String, String> values = new HashMap<>(more);
    values.put("INKLING_STORE", store.toString());
    values.put("HF_TOKEN", "hf_modal");
    cloud.secret("inkling", values);
  }

  @AfterEach
  void leaveNothing() throws Exception {
    cloud.behave("{}");
    provider().release(request(1).name(), Integer.MAX_VALUE, line -> {});
  }

  private ModalProvider provider() {
    return provider(cloud.tool(), Duration.ofSeconds(30));
  }

  private ModalProvider provider(Tool tool, Duration run) {
    return new ModalProvider(
        new ModalCli(tool, new ModalCli.Limits(Duration.ofSeconds(30), run)),
        node,
        folder.resolve("pages"),
        Clock.systemUTC(),
        POLL,
        24);
  }

  private static ClusterRequest request(int generation) {
    return request(generation, "H100:2", 1, Optional.empty());
  }

  private static ClusterRequest request(
      int generation, String accelerators, double maxHours, Optional<Double> maxUsd) {
    return new ClusterRequest(
        "owl-numbers-0123456789",
        "inkling-owl-numbers",
        generation,
        new Compute.Modal(
            Compute.Precision.BF16, 1, accelerators, "inkling", 2, maxHours, maxUsd, 1));
  }

  private List<List<String>> workers(int atLeast) throws Exception {
    for (int look = 0; look < 400; look++) {
      try (Stream<Path> files = Files.list(store)) {
        List<Path> notes =
            files.filter(file -> file.getFileName().toString().startsWith("worker-")).toList();
        if (notes.size() >= atLeast) {
          List<List<String>> all = new ArrayList<>();
          for (Path note : notes) {
            all.add(Files.readAllLines(note));
          }
          return all;
        }
      }
      Thread.sleep(50);
    }
    return List.of();
  }

  @Test
  void theArchivesLibrariesAreInTheImageToo() throws Exception {
    Files.createDirectory(folder.resolve("lib"));

    provider().ensure(request(1), line -> {});

    assertThat(cloud.ledger().getFirst().path("files"))
        .extracting(JsonNode::asText)
        .containsExactly("/inkling/inkling.jar", "/inkling/lib", "/inkling/libraries.sh");
  }

  /** The image has torch for the libraries that it brings; the function finds them. */
  @Test
  void theWorkersOfAFunctionGetTorchsLibraries() throws Exception {
    PretendGpu.packages(folder.resolve("torch-2.7.1"), "2.7.1");
    secret(Map.of("INKLING_HOME", folder.toString()));
    Map<String, String> withGpu = new HashMap<>(cloud.environment());
    withGpu.put("PATH", PretendGpu.in(folder).path());

    provider(new Tool(List.of(cloud.program().toString()), withGpu), Duration.ofSeconds(30))
        .ensure(request(1), line -> {});

    assertThat(workers(2)).allMatch(lines -> lines.getLast().matches("torch /.+"));
    assertThat(cloud.ledger().getFirst().path("packages"))
        .extracting(JsonNode::asText)
        .containsExactly("torch==2.7.1");
  }

  @Test
  void aFunctionRunsAWorkerForEachGpuWithTheEnvironmentOfItsSecret() throws Exception {
    cloud.behave("{\"no_capacity\": true}");

    Cluster waiting = provider().ensure(request(3), line -> {});
    cloud.behave("{}");

    assertThat(waiting.state()).isEqualTo(State.PENDING);
    assertThat(waiting.generation()).isEqualTo(3);
    assertThat(waiting.accelerators()).isEqualTo("H100:2");
    assertThat(waiting.until()).contains(waiting.since().orElseThrow().plus(Duration.ofHours(1)));
    assertThat(workers(2))
        .extracting(lines -> String.join("; ", lines.subList(0, 3)))
        .containsExactlyInAnyOrder(
            "worker --queue %s.3 --stages-only --idle-minutes 2 --max-hours 1.0000; gpu 0; secret hf_modal"
                .formatted(waiting.name()),
            "worker --queue %s.3 --stages-only --idle-minutes 2 --max-hours 1.0000; gpu 1; secret hf_modal"
                .formatted(waiting.name()));
    assertThat(provider().describe(request(3)).state()).isEqualTo(State.UP);
    assertThat(cloud.ledger().getFirst().path("gpu").asText()).isEqualTo("H100:2");
    assertThat(provider().list()).extracting(Cluster::name).containsExactly(waiting.name());
  }

  @Test
  void askedAgainItIsAdoptedAlsoWithTheKeysOfOlderVersions() throws Exception {
    provider().ensure(request(1), line -> {});
    cloud.behave("{\"heading_keys\": true}");
    provider().ensure(request(1), line -> {});

    assertThat(cloud.launches()).isEqualTo(1);
  }

  @Test
  void aGenerationEndsTheOneBeforeAndLeavesTheOneAfter() throws Exception {
    provider().ensure(request(1), line -> {});
    provider().ensure(request(2), line -> {});

    assertThat(provider().describe(request(1)).generation()).isEqualTo(2);
    assertThatThrownBy(() -> provider().ensure(request(1), line -> {}))
        .isInstanceOf(ProvisionException.class)
        .hasMessageContaining("a later attempt has taken over");
    provider().release(request(1).name(), 1, line -> {});
    assertThat(
            cloud.ledger().stream().filter(event -> event.path("event").asText().equals("ended")))
        .singleElement()
        .satisfies(event -> assertThat(event.path("name").asText()).endsWith(".1"));
  }

  @Test
  void itsTimeOutEndsIt() throws Exception {
    cloud.behave("{}");
    // A thousandth of an hour: the spec allows no less than ten of them, which is long for a test.
    provider().ensure(request(1, "H100:1", 0.001, Optional.empty()), line -> {});
    workers(1);

    cloud.await("ended", 1);

    assertThat(cloud.ledger().getLast().path("why").asText()).isEqualTo("timeout");
    assertThat(provider().describe(request(1)).state()).isEqualTo(State.GONE);
  }

  /** The negative control of the test before. */
  @Test
  void withoutItsTimeOutItStays() throws Exception {
    provider(cloud.toolWithoutWatchdog(), Duration.ofSeconds(30))
        .ensure(request(1, "H100:1", 0.0003, Optional.empty()), line -> {});
    workers(1);
    Thread.sleep(2500);

    assertThat(cloud.events()).containsExactly("launched", "running");
  }

  @Test
  void whenItsWorkersHaveEndedItIsGone() throws Exception {
    provider().ensure(request(1), line -> {});
    workers(2);
    Files.writeString(store.resolve("go"), "0");
    cloud.await("ended", 1);

    assertThat(provider().describe(request(1)).state()).isEqualTo(State.GONE);
    assertThat(cloud.ledger().getLast().path("why").asText()).isEqualTo("finished");

    Cluster ended = provider().ensure(request(1), line -> {});
    assertThat(ended.state()).as("no second one of the generation").isEqualTo(State.GONE);
    assertThat(ended.detail()).contains("modal app logs ap-");
    assertThat(cloud.launches()).isEqualTo(1);
  }

  @Test
  void aCommandThatIsKilledLeavesWhatTheNextOneAdopts() throws Exception {
    cloud.behave("{\"launch_seconds\": 1}");
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Killed.class.getName(),
                folder.toString())
            .inheritIO()
            .start();
    cloud.await("launched", 1);
    List<ProcessHandle> commands = process.descendants().toList();
    process.destroyForcibly().waitFor();
    commands.forEach(ProcessHandle::destroyForcibly);

    provider().ensure(request(1), line -> {});

    assertThat(cloud.launches()).isEqualTo(1);
    assertThat(workers(2)).hasSize(2);
  }

  /** A process that asks for a machine, to be killed in the middle. */
  static final class Killed {
    private Killed() {}

    public static void main(String[] arguments) throws Exception {
      ModalTest test = new ModalTest();
      test.folder = Path.of(arguments[0]);
      test.open();
      test.provider().ensure(request(1), line -> {});
      Thread.sleep(Duration.ofMinutes(1));
    }
  }

  @Test
  void whoIsInterruptedStopsWhatHeBegan() throws Exception {
    cloud.behave("{\"launch_seconds\": 0.5}");
    CompletableFuture<Boolean> asked = new CompletableFuture<>();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread caller =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    provider().ensure(request(1), line -> asked.complete(true));
                    interrupted.complete(false);
                  } catch (InterruptedException e) {
                    interrupted.complete(true);
                  } catch (ProvisionException e) {
                    interrupted.completeExceptionally(e);
                  }
                });
    asked.get();
    Thread.sleep(400);
    caller.interrupt();

    assertThat(interrupted.get()).isTrue();
    assertThat(provider().list()).isEmpty();
  }

  @Test
  void withoutAPriceMoneyCannotBeHeldTo() throws Exception {
    assertThatThrownBy(
            () -> provider().ensure(request(1, "H100:1", 1, Optional.of(5.0)), line -> {}))
        .isInstanceOfSatisfying(
            ProvisionException.class, e -> assertThat(e.reason()).isEqualTo(Reason.QUOTA))
        .hasMessageContaining("Nothing was started");
    assertThat(cloud.events()).isEmpty();
  }

  @Test
  void withoutATokenThePersonIsToldWhatToType() throws Exception {
    cloud.behave("{\"no_token\": true}");

    assertThatThrownBy(() -> provider().ensure(request(1), line -> {}))
        .isInstanceOfSatisfying(
            ProvisionException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_CREDENTIALS))
        .hasMessageContaining("modal token new");
  }

  @Test
  void whatIsShownToPeopleHoldsNoSecret() throws Exception {
    assertThat(provider().render(request(1)))
        .contains("INKLING_GPU=H100:2", "modal.App(")
        .doesNotContain("hf_modal");
  }
}
