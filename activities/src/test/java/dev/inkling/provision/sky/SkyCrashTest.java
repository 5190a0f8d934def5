package dev.inkling.provision.sky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.provision.Attempt;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.Cluster.State;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is cut off, lost or forgotten, and who puts it right. */
@Timeout(120)
class SkyCrashTest {
  private static final Duration TEN = Duration.ofSeconds(10);

  @TempDir Path folder;
  private SkyBench bench;

  @BeforeEach
  void open() throws IOException {
    bench = SkyBench.in(folder);
  }

  @AfterEach
  void leaveNothing() throws Exception {
    bench.cli().down(ClusterRequest.nameOf(SkyBench.EXPERIMENT), line -> {});
  }

  /** With and without the command itself: its server goes on either way. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoeverIsKilledInTheMiddleLeavesWhatTheNextOneAdopts(boolean commandToo) throws Exception {
    bench.cloud().behave("{\"launch_seconds\": 3}");
    bench.killInTheMiddle(commandToo, "1");

    Cluster cluster = bench.provider().ensure(SkyBench.request(1), line -> {});

    assertThat(cluster.state()).isEqualTo(State.UP);
    assertThat(bench.workers(1)).hasSize(1);
    assertThat(bench.cloud().events()).containsExactly("launched", "job", "running");
    assertThat(bench.drafts()).as("files with secrets that the killed one left").isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"launch_seconds\": 20}", "{\"hidden_seconds\": 0.3, \"launch_seconds\": 20}"})
  void whoIsInterruptedTakesDownWhatHisLaunchBringsUp(String behaviour) throws Exception {
    bench.cloud().behave(behaviour);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    CompletableFuture<Boolean> asked = new CompletableFuture<>();
    Thread caller =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    bench
                        .provider()
                        .ensure(
                            SkyBench.request(1),
                            line -> {
                              if (line.startsWith("Running on cluster")) {
                                asked.complete(true);
                              }
                            });
                    interrupted.complete(false);
                  } catch (InterruptedException e) {
                    interrupted.complete(true);
                  } catch (ProvisionException e) {
                    interrupted.completeExceptionally(e);
                  }
                });
    asked.get();
    Thread.sleep(300); // its server has heard of it

    caller.interrupt();
    Thread.sleep(100);
    caller.interrupt(); // and once more, while it cleans up

    assertThat(interrupted.get()).isTrue();
    assertThat(bench.cloud().events()).containsExactly("launched", "ended");
    assertThat(bench.cli().all()).isEmpty();
    assertThat(bench.drafts()).isEmptyDirectory();
  }

  /** As on a laptop that slept: the next attempt has what this one began. */
  @Test
  void whoWasReplacedTakesNothingDown() throws Exception {
    bench.cloud().behave("{\"launch_seconds\": 2}");
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Attempt replaced =
        new Attempt() {
          @Override
          public void accept(String line) {}

          @Override
          public boolean replaced() {
            return true;
          }
        };
    Thread sleeper =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    bench.provider().ensure(SkyBench.request(1), replaced);
                    interrupted.complete(false);
                  } catch (InterruptedException e) {
                    interrupted.complete(true);
                  } catch (ProvisionException e) {
                    interrupted.completeExceptionally(e);
                  }
                });
    bench.cloud().await("launched", 1);
    sleeper.interrupt();

    assertThat(interrupted.get()).isTrue();
    assertThat(bench.provider().ensure(SkyBench.request(1), line -> {}).state())
        .isEqualTo(State.UP);
    assertThat(bench.cloud().launches()).isEqualTo(1);
    assertThat(bench.cloud().events()).doesNotContain("ended");
  }

  @Test
  void aLaunchThatTakesTooLongIsTakenDown() throws Exception {
    bench.cloud().behave("{\"launch_seconds\": 60}");

    assertThatThrownBy(
            () -> bench.impatient(Duration.ofSeconds(1)).ensure(SkyBench.request(1), line -> {}))
        .isInstanceOfSatisfying(
            ProvisionException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE))
        .hasMessageContaining("Nothing was left running");
    assertThat(bench.cli().all()).isEmpty();
  }

  @Test
  void aLaunchWhoseServerDiedIsAwaitedThenReplaced() throws Exception {
    bench.cloud().behave("{\"launch_dies\": true}");
    ClusterRequest request = SkyBench.request(1);
    SkyTask task =
        new SkyTask(
            request,
            SkyBench.compute("H100:1").candidates().getFirst(),
            Terms.unpriced(SkyBench.compute("H100:1"), Clock.systemUTC().instant()),
            "me");
    try (Draft draft = Draft.of(bench.drafts(), task, bench.node())) {
      bench.cli().launch(request.name(), 1, draft.file(), line -> {});
    }
    assertThat(bench.provider().describe(request).state()).isEqualTo(State.PENDING);
    bench.cloud().behave("{}");

    Cluster dead = bench.impatient(Duration.ofSeconds(30)).ensure(request, line -> {});
    assertThat(dead.state()).isEqualTo(State.GONE);
    assertThat(dead.detail()).contains("did not come up");
    assertThat(bench.provider().ensure(SkyBench.request(2), line -> {}).state())
        .isEqualTo(State.UP);
    assertThat(bench.cloud().events().subList(0, 4))
        .containsExactly("launched", "ended", "launched", "job");
  }

  @Test
  void aGenerationEndsTheOneBeforeAndLeavesTheOneAfter() throws Exception {
    bench.provider().ensure(SkyBench.request(1), line -> {});
    Cluster second = bench.provider().ensure(SkyBench.request(2), line -> {});

    assertThat(second.generation()).isEqualTo(2);
    assertThat(bench.provider().describe(SkyBench.request(1)).generation()).isEqualTo(2);
    assertThatThrownBy(() -> bench.provider().ensure(SkyBench.request(1), line -> {}))
        .isInstanceOf(ProvisionException.class)
        .hasMessageContaining("a later attempt has taken over");
    assertThat(bench.cloud().events().stream().filter(event -> !event.equals("running")))
        .containsExactly("launched", "job", "ended", "launched", "job");
  }

  @Test
  void aMachineThatWasTakenAwayIsGoneAndReplaced() throws Exception {
    ClusterRequest request = SkyBench.request(1);
    bench.provider().ensure(request, line -> {});
    long pid = Long.parseLong(bench.workers(1).getFirst().get(3).substring("pid ".length()));

    bench.cloud().take(request.name());

    assertThat(bench.provider().describe(request).state()).isEqualTo(State.GONE);
    ProcessHandle.of(pid).ifPresent(worker -> assertThat(worker.onExit()).succeedsWithin(TEN));
    assertThat(bench.provider().ensure(SkyBench.request(2), line -> {}).state())
        .isEqualTo(State.UP);
    assertThat(bench.cloud().launches()).isEqualTo(2);
  }

  /** Whoever asks counts them: without end a worker that cannot begin would have machines made. */
  @Test
  void aMachineWhoseWorkerEndedIsToldAndReplacedByTheNextGeneration() throws Exception {
    ClusterRequest request = SkyBench.request(1);
    Cluster made = bench.provider().ensure(request, line -> {});
    bench.workers(1);
    bench.go("1");
    while (bench.provider().describe(request).lives()) {
      Thread.sleep(50);
    }
    Files.delete(bench.store().resolve("go"));

    assertThat(bench.provider().list()).hasSize(1); // it costs until SkyPilot takes it down
    Cluster ended = bench.provider().ensure(request, line -> {});
    assertThat(ended.state()).isEqualTo(State.GONE);
    assertThat(ended.since()).isEqualTo(made.since());
    assertThat(ended.usdPerHour()).contains(2.5);
    assertThat(ended.detail()).contains("Its worker has ended", "(inkling-worker-1, pid=7) begun");
    assertThat(bench.provider().ensure(SkyBench.request(2), line -> {}).state())
        .isEqualTo(State.UP);
    assertThat(bench.cloud().events().stream().filter(event -> !event.equals("running")))
        .containsExactly("launched", "job", "ended", "launched", "job");
  }

  @Test
  void anIdleMachineEndsByItself() throws Exception {
    bench.cloud().behave("{\"minute\": 0.5}");
    ClusterRequest request = SkyBench.request(1);
    bench.provider().ensure(request, line -> {});
    bench.workers(1);
    Thread.sleep(1500); // longer than it may be idle, but it works
    assertThat(bench.provider().describe(request).state()).isEqualTo(State.UP);

    bench.go("0");

    bench.cloud().await("ended", 1);
    assertThat(bench.cloud().ledger().getLast().path("why").asText()).isEqualTo("autodown");
    assertThat(bench.provider().describe(request).state()).isEqualTo(State.GONE);
  }

  /** What is sent there would wait for a worker that has ended. */
  @Test
  void aMachineThatIsBeingTakenDownIsNoMachine() throws Exception {
    bench.cloud().behave("{\"minute\": 0.5, \"ending_seconds\": 600}");
    ClusterRequest request = SkyBench.request(1);
    bench.provider().ensure(request, line -> {});
    bench.workers(1);
    bench.go("0");
    while (bench.cli().find(request.name()).orElseThrow().status()
        != SkyCluster.Status.AUTOSTOPPING) {
      Thread.sleep(50);
    }
    Files.delete(bench.store().resolve("go"));

    assertThat(bench.provider().list()).singleElement().matches(Cluster::lives); // it still costs
    assertThat(bench.provider().describe(request).state()).isEqualTo(State.GONE);
    assertThat(bench.provider().ensure(request, line -> {}).state()).isEqualTo(State.GONE);
    assertThat(bench.provider().ensure(SkyBench.request(2), line -> {}).state())
        .isEqualTo(State.UP);
    assertThat(bench.cloud().launches()).isEqualTo(2);
  }

  /** The negative control of the idle machine. */
  @Test
  void withoutAutostopAnIdleMachineStays() throws Exception {
    bench.cloud().behave("{\"minute\": 0.1}");
    SkyProvider provider = bench.provider(Clock.systemUTC(), bench.cloud().toolWithoutWatchdog());
    provider.ensure(SkyBench.request(1), line -> {});
    bench.workers(1);
    bench.go("0");
    Thread.sleep(1500);

    assertThat(provider.list()).hasSize(1);
    assertThat(bench.cloud().events()).doesNotContain("ended");
  }

  @Test
  void aMachineThatCannotBeAskedForItsJobsIsNotGivenASecondOne() throws Exception {
    bench.provider().ensure(SkyBench.request(1), line -> {});
    bench.cloud().behave("{\"mute_queue\": true}");
    assertThat(bench.provider().describe(SkyBench.request(1)).state()).isEqualTo(State.UP);
    Thread mended =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    Thread.sleep(1000);
                    bench.cloud().behave("{}");
                  } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                });

    assertThat(bench.provider().ensure(SkyBench.request(1), line -> {}).state())
        .isEqualTo(State.UP);
    mended.join();
    assertThat(bench.cloud().events()).containsOnlyOnce("launched", "job");
  }

  @Test
  void whatIsReleasedIsGoneAndMayBeReleasedAgain() throws Exception {
    ClusterRequest request = SkyBench.request(1);
    bench.provider().ensure(request, line -> {});
    assertThat(bench.provider().list()).extracting(Cluster::name).containsExactly(request.name());

    bench.provider().release(request.name(), request.generation(), line -> {});
    bench.provider().release(request.name(), request.generation(), line -> {});

    assertThat(bench.provider().list()).isEmpty();
    assertThat(bench.provider().describe(request).state()).isEqualTo(State.GONE);
    assertThat(bench.cloud().ledger().getLast().path("usd").asDouble()).isPositive();
  }

  /** Somebody ends a machine by hand; its experiment notices and makes the next one meanwhile. */
  @Test
  void whatWasMadeMeanwhileIsSparedWithTheFilesOfItsLaunch() throws Exception {
    ClusterRequest next = SkyBench.request(2);
    bench.provider().ensure(next, line -> {});
    Path launch = Files.createDirectories(bench.drafts().resolve(next.queue()));
    Path earlier = Files.createDirectories(bench.drafts().resolve(SkyBench.request(1).queue()));
    Files.writeString(launch.resolve("worker.yaml"), "read by its server");

    bench.provider().release(next.name(), 1, line -> {});

    assertThat(bench.provider().describe(next).state()).isEqualTo(State.UP);
    assertThat(launch.resolve("worker.yaml")).exists();
    assertThat(earlier).doesNotExist();
  }
}
