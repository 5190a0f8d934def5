package dev.inkling.provision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.fake.FakeCloud;
import dev.inkling.provision.fake.StandInWorker;
import dev.inkling.provision.modal.ModalProvider;
import dev.inkling.provision.sky.SkyProvider;
import dev.inkling.spec.Compute;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.ClusterRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The tool alone is killed, just before or just after what it was called for, and whoever called it
 * lives: it is called again, and nothing is left.
 */
@Timeout(120)
class KilledToolTest {
  private static final Duration POLL = Duration.ofMillis(50);

  @TempDir Path folder;

  static Stream<Arguments> everyCommand() {
    return Stream.of("sky", "modal")
        .flatMap(
            tool ->
                (tool.equals("sky")
                        ? Stream.of("launch-dryrun", "launch", "status", "queue", "down")
                        : Stream.of("run", "list", "stop"))
                    .flatMap(
                        command ->
                            Stream.of("before", "after")
                                .map(when -> Arguments.of(tool, command, when))));
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void itIsCalledAgainAndNothingIsLeft(String tool, String command, String when) throws Exception {
    boolean sky = tool.equals("sky");
    FakeCloud cloud = sky ? FakeCloud.sky(folder) : FakeCloud.modal(folder);
    Path store = Files.createDirectories(folder.resolve("store"));
    cloud.secret("inkling", Map.of("INKLING_STORE", store.toString()));
    Node node =
        new Node(
            Map.of("INKLING_STORE", store.toString()),
            List.of(
                FakeCloud.archive(folder.resolve("inkling.jar"), StandInWorker.class.getName())));
    Path drafts = folder.resolve("drafts");
    Provider provider =
        sky
            ? new SkyProvider(cloud.tool(), node, drafts, Clock.systemUTC(), POLL)
            : new ModalProvider(cloud.tool(), node, drafts, Clock.systemUTC(), POLL);
    ClusterRequest request = request(sky, 1);
    cloud.behave("{\"killed\": {\"%s\": \"%s\"}}".formatted(command, when));

    // Nobody knows how far it came, so what it has launched is taken down and told to have ended.
    boolean twice = when.equals("after") && (command.equals("launch") || command.equals("run"));
    Cluster cluster = again(() -> provider.ensure(request, line -> {}));
    assertThat(cluster.lives()).isEqualTo(!twice);
    if (twice) {
      assertThat(again(() -> provider.ensure(request(sky, 2), line -> {})).lives()).isTrue();
    }
    again(
        () -> {
          provider.release(request.name(), Integer.MAX_VALUE, line -> {});
          return true;
        });

    assertThat(cloud.living()).isEmpty();
    assertThat(cloud.launches()).isEqualTo(twice ? 2 : 1);
    assertThat(cloud.events()).filteredOn("ended"::equals).hasSize(cloud.launches());
    assertThat(cloud.behaviour().path("killed")).as("what was never called").isEmpty();
  }

  /** As the workflow does: what is told to pass is tried again. */
  private static <T> T again(Callable<T> call) throws Exception {
    try {
      return call.call();
    } catch (ProvisionException e) {
      assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.UNAVAILABLE);
      return call.call();
    }
  }

  private static ClusterRequest request(boolean sky, int generation) {
    Compute.Precision precision = Compute.Precision.BF16;
    Compute.Provisioned compute =
        sky
            ? new Compute.Sky(
                precision,
                1,
                Optional.of("H100:1"),
                Optional.empty(),
                false,
                List.of(),
                Optional.empty(),
                2,
                1,
                Optional.empty(),
                1)
            : new Compute.Modal(precision, 1, "H100:1", "inkling", 2, 1, Optional.empty(), 1);
    return new ClusterRequest("owl-numbers-0123456789", "inkling-owl-numbers", generation, compute);
  }
}
