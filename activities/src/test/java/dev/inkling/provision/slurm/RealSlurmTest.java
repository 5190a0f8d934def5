package dev.inkling.provision.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool;
import dev.inkling.provision.fake.PretendGpu;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.Cluster.State;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clusters on a real Slurm. A shell script stands in for the worker: what Slurm does to a process
 * does not depend on what the process computes. The two jobs that live for a minute, Slurm's
 * shortest time limit, begin before everything else and are looked at last.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RealSlurmTest {
  /** Says that it is there and with what, and that it was told to end. */
  private static final String WORKER =
      """
      #!/bin/bash
      if [ -n "$CRASHED" ] && mkdir "$CRASHED" 2>/dev/null; then exit 9; fi
      if [ -n "$STUBBORN" ]; then trap '' TERM; else trap 'echo handed back; exit 143' TERM; fi
      echo "worker of GPU '$CUDA_VISIBLE_DEVICES' has $SECRET, begun with $*"
      [ -z "$PYTORCH_LIBRARY_PATH" ] || echo "and has $(ls -d "$PYTORCH_LIBRARY_PATH"/libtorch_cuda.so)"
      while :; do sleep 0.1; done
      """;

  private static final ClusterRequest STUBBORN =
      Requests.small().hours(0.01).of("a-stubborn-one", 1);
  private static final ClusterRequest SHORT = Requests.small().hours(0.01).of("a-short-one", 1);
  private static final int LAST = Integer.MAX_VALUE;

  private Path home;
  private SlurmServer slurm;
  private SlurmCommands commands;
  private SlurmProvider provider;

  @BeforeAll
  void startSlurm(@TempDir Path directory) throws Exception {
    home = directory;
    slurm = new SlurmServer();
    Files.writeString(home.resolve("worker"), WORKER);
    commands = SlurmCommands.of(slurm.environment());
    provider = provider(commands, Map.of());
    provider(commands, Map.of("STUBBORN", "yes")).ensure(STUBBORN, _ -> {});
    provider.ensure(SHORT, _ -> {});
  }

  @AfterAll
  void stopSlurm() throws Exception {
    if (slurm != null) {
      slurm.stop();
    }
  }

  private SlurmProvider provider(SlurmCommands with, Map<String, String> environment) {
    // Whoever tests beside a real GPU does not want its libraries fetched.
    Map<String, String> all =
        new HashMap<>(Map.of("SECRET", "it's a secret", "INKLING_DEVICE", "cpu"));
    all.putAll(environment);
    NodeWorker worker = new NodeWorker(List.of("bash", home.resolve("worker").toString()), all);
    return new SlurmProvider(with, home, worker, Duration.ofMillis(200));
  }

  private static void until(Duration limit, String what, Callable<Boolean> holds) throws Exception {
    long end = System.nanoTime() + limit.toNanos();
    while (!holds.call()) {
      assertThat(System.nanoTime()).as("within " + limit + ": " + what).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private Cluster up(ClusterRequest request) throws Exception {
    provider.ensure(request, _ -> {});
    until(
        Duration.ofSeconds(20),
        "up",
        () -> provider.describe(request).state() == State.UP && log(request).contains("begun"));
    return provider.describe(request);
  }

  /** Waits until Slurm has cleared up behind a job and says how it ended. */
  private Cluster gone(ClusterRequest request, Duration limit, String how) throws Exception {
    until(limit, "gone, " + how, () -> provider.describe(request).detail().contains(how));
    Cluster after = provider.describe(request);
    assertThat(after.state()).isEqualTo(State.GONE);
    return after;
  }

  private void release(ClusterRequest request) throws Exception {
    provider.release(request.name(), Integer.MAX_VALUE, _ -> {});
    assertThat(home.resolve("clusters").resolve(request.name())).doesNotExist();
    assertThat(commands.jobs().stream().filter(job -> job.name().equals(request.name())))
        .allMatch(job -> job.phase() == SlurmJob.Phase.OVER);
  }

  private Path environment(ClusterRequest request) {
    return new ClusterFiles(home).environment(request.name(), request.generation());
  }

  private String log(ClusterRequest request) throws IOException {
    Path log = new ClusterFiles(home).log(request.name(), request.generation());
    return Files.exists(log) ? Files.readString(log) : "";
  }

  private static long number(Cluster cluster) {
    return Long.parseLong(cluster.detail().replaceFirst("^job ([0-9]+) .*", "$1"));
  }

  private Stream<SlurmJob> living(ClusterRequest request) throws Exception {
    return commands.jobs().stream().filter(job -> job.name().equals(request.name()) && job.lives());
  }

  @Test
  void askingAgainFindsTheSameJob() throws Exception {
    ClusterRequest request = Requests.small().setup("export SECRET=\"$SECRET, set up\"").of("a", 1);
    Cluster first = up(request);
    Cluster again = provider.ensure(request, _ -> {});

    assertThat(number(again)).isEqualTo(number(first));
    assertThat(living(request)).hasSize(1);
    assertThat(provider.list()).contains(again);
    assertThat(again.experiment()).isEqualTo("a");
    assertThat(again.owner()).isEqualTo(System.getProperty("user.name"));
    assertThat(again.where()).isEqualTo("main");
    // Slurm rounds the beginning to whole seconds.
    assertThat(Duration.between(again.since().orElseThrow(), again.until().orElseThrow()))
        .isBetween(Duration.ofMinutes(60), Duration.ofMinutes(61));
    assertThat(log(request))
        .contains(
            "worker of GPU '' has it's a secret, set up, begun with worker --queue "
                + request.queue())
        .as("its own environment stays here")
        .doesNotContain("OFFLINE");
    release(request);
    assertThat(provider.describe(request).state()).isEqualTo(State.GONE);
    assertThat(log(request)).contains("handed back");
  }

  @Test
  void aJobThatWaitsCountsAndItsEnvironmentIsItsOwnersAlone() throws Exception {
    ClusterRequest request = Requests.small().options("--hold").of("waits", 1);
    Cluster waits = provider.ensure(request, _ -> {});

    assertThat(waits.state()).isEqualTo(State.PENDING);
    assertThat(waits.until()).isEmpty();
    assertThat(waits.detail()).contains("JobHeldUser");
    Path environment = environment(request);
    assertThat(Files.readString(environment)).contains("SECRET");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(environment)))
        .isEqualTo("rw-------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(environment.resolveSibling("."))))
        .isEqualTo("rwx------");
    assertThat(slurm.type("scontrol", "show", "job", "" + number(waits))).doesNotContain("secret");

    assertThat(provider.ensure(request, _ -> {}).detail()).isEqualTo(waits.detail());
    slurm.type("scontrol", "release", "" + number(waits));
    until(Duration.ofSeconds(20), "begun", () -> log(request).contains("begun"));
    assertThat(environment).as("read once").doesNotExist();
    release(request);
  }

  @Test
  void anOlderGenerationIsEndedFirstAndALateCallDoesNothing() throws Exception {
    ClusterRequest first = Requests.small().of("generations", 1);
    ClusterRequest second = Requests.small().of("generations", 2);
    Cluster older = up(first);
    Cluster newer = up(second);

    assertThat(number(newer)).isNotEqualTo(number(older));
    assertThat(newer.generation()).isEqualTo(2);
    assertThat(log(first)).contains("handed back");
    assertThat(provider.describe(first).generation()).as("what bears the name").isEqualTo(2);
    assertThatThrownBy(() -> provider.ensure(first, _ -> {}))
        .isInstanceOf(ProvisionException.class)
        .hasMessageContaining("a later attempt has taken over");
    provider.release(first.name(), 1, _ -> {});
    assertThat(living(second)).hasSize(1);
    release(second);
  }

  @Test
  void twoExperimentsHaveTwoClustersAndEachGpuItsWorker() throws Exception {
    ClusterRequest owls = Requests.small().gpus(2).of("owls", 1);
    ClusterRequest cats = Requests.small().of("cats", 1);
    Cluster both = up(owls);
    up(cats);

    assertThat(both.accelerators()).isEqualTo("h100:2");
    until(
        Duration.ofSeconds(10),
        "two workers",
        () -> log(owls).contains("GPU '0' has") && log(owls).contains("GPU '1' has"));
    release(owls);
    assertThat(log(owls).split("handed back", -1)).hasSize(3);
    assertThat(provider.describe(cats).state()).isEqualTo(State.UP);
    assertThat(provider.list())
        .extracting(Cluster::experiment)
        .contains("cats")
        .doesNotContain("owls");
    release(cats);
  }

  /** Lines of a setup. */
  private static String pretend(Path itsHome, PretendGpu gpu) {
    return "export INKLING_DEVICE= INKLING_HOME='%s' PATH='%s'".formatted(itsHome, gpu.path());
  }

  @Test
  void aJobWithAGpuFindsTorchsLibrariesBehindItsSetup() throws Exception {
    PretendGpu.packages(home.resolve("torch-2.7.1"), "2.7.1");
    ClusterRequest request =
        Requests.small().gpus(1).setup(pretend(home, PretendGpu.in(home))).of("libraries", 1);
    up(request);

    until(Duration.ofSeconds(10), "its libraries", () -> log(request).contains("and has /"));
    release(request);
  }

  @Test
  void aJobWhoseLibrariesAreMissingSaysSoAndEnds() throws Exception {
    PretendGpu gpu = PretendGpu.in(home.resolve("without"));
    for (String tool : List.of("python3", "uv")) {
      gpu.tool(tool, "exit 1");
    }
    ClusterRequest request =
        Requests.small().gpus(1).setup(pretend(home.resolve("without"), gpu)).of("no-libraries", 1);
    provider.ensure(request, _ -> {});

    gone(request, Duration.ofSeconds(20), "FAILED");
    assertThat(log(request)).contains("could not be fetched: see above").doesNotContain("begun");
    release(request);
  }

  @Test
  void aJobThatSomebodyCancelsIsGone() throws Exception {
    ClusterRequest request = Requests.small().of("cancelled", 1);
    slurm.type("scancel", "" + number(up(request)));

    Cluster after = gone(request, Duration.ofSeconds(20), "CANCELLED");
    assertThat(after.detail()).contains(" ended: CANCELLED", request.name() + ".1.log");
    release(request);
  }

  @Test
  void aSecondJobOfTheNameNeverRunsAndIsCancelled() throws Exception {
    ClusterRequest request = Requests.small().of("twice", 1);
    Cluster first = up(request);
    // What a call leaves that looked before the first job was there.
    commands.submit(
        Submission.of(request, new ClusterFiles(home), List.of("true"), commands.user())
            .arguments(),
        _ -> {});
    assertThat(living(request)).hasSize(2);

    assertThat(number(provider.ensure(request, _ -> {}))).isEqualTo(number(first));
    until(Duration.ofSeconds(10), "one job", () -> living(request).count() == 1);
    release(request);
  }

  @Test
  void anAnswerThatGotLostLeavesAJobThatIsAdopted() throws Exception {
    ClusterRequest request = Requests.small().options("--hold").of("lost-answer", 1);
    Path deaf =
        Files.writeString(
            home.resolve("deaf"),
            """
            sbatch "$@"
            echo 'sbatch: error: Batch job submission failed: Socket timed out' >&2
            exit 1
            """);
    assertThatThrownBy(() -> provider(with(deaf), Map.of()).ensure(request, _ -> {}))
        .isInstanceOfSatisfying(
            ProvisionException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));

    Cluster adopted = provider.ensure(request, _ -> {});
    assertThat(living(request)).extracting(SlurmJob::id).containsExactly(number(adopted));
    slurm.type("scontrol", "release", "" + number(adopted));
    until(Duration.ofSeconds(20), "begun", () -> log(request).contains("begun"));
    release(request);
  }

  @Test
  void whoIsInterruptedLeavesNothing() throws Exception {
    ClusterRequest request = Requests.small().of("interrupted", 1);
    Path slow =
        Files.writeString(home.resolve("slow"), "sbatch \"$@\"; touch \"$0.done\"; sleep 60\n");
    AtomicBoolean told = new AtomicBoolean();
    Thread caller =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    provider(with(slow), Map.of()).ensure(request, _ -> {});
                  } catch (InterruptedException e) {
                    told.set(true);
                  } catch (ProvisionException e) {
                    throw new IllegalStateException(e);
                  }
                });
    until(Duration.ofSeconds(10), "submitted", () -> Files.exists(home.resolve("slow.done")));
    caller.interrupt();
    caller.join();

    assertThat(told).isTrue();
    until(Duration.ofSeconds(10), "no job", () -> living(request).count() == 0);
    assertThat(home.resolve("clusters").resolve(request.name())).doesNotExist();
  }

  private SlurmCommands with(Path sbatch) {
    Tool other = new Tool(List.of("sh", sbatch.toString()), slurm.environment());
    return new SlurmCommands(other, commands.squeue(), commands.scancel(), commands.user());
  }

  @Test
  void aWorkerThatCrashesIsStartedAnew() throws Exception {
    ClusterRequest request = Requests.small().of("crashes", 1);
    provider(commands, Map.of("CRASHED", home.resolve("crashed").toString()))
        .ensure(request, _ -> {});
    up(request);
    assertThat(log(request)).contains("ended with exit code 9 (1 times)");
    release(request);
  }

  @Test
  void whatSlurmDoesNotHaveIsABadRequest() {
    ClusterRequest partition = Requests.small().partition("nosuch").of("nosuch", 1);
    ClusterRequest option = Requests.small().options("--nosuch=1").of("nosuch", 1);
    ClusterRequest gpus = Requests.small().gpus(9).of("nosuch", 1);
    for (ClusterRequest request : List.of(partition, option, gpus)) {
      assertThatThrownBy(() -> provider.ensure(request, _ -> {}))
          .isInstanceOfSatisfying(
              ProvisionException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_REQUEST));
      assertThat(home.resolve("clusters").resolve(request.name())).doesNotExist();
    }
  }

  @Test
  void aNodeThatIsLostIsNoticedAndTheNextGenerationRunsElsewhere() throws Exception {
    ClusterRequest first = Requests.small().partition("frail").of("lost-node", 1);
    slurm.loseNode("two", number(up(first)));

    gone(first, Duration.ofSeconds(90), "NODE_FAIL");
    ClusterRequest second = Requests.small().partition("main").of("lost-node", 2);
    assertThat(up(second).detail()).contains(" on one, ");
    release(second);
  }

  @Test
  @Order(LAST - 2)
  void stagesAreHandedBackBeforeTheTimeIsOver() throws Exception {
    gone(SHORT, Duration.ofSeconds(90), "COMPLETED");
    assertThat(log(SHORT)).contains("begun", "handed back", "The job ends with exit code 0");
    release(SHORT);
  }

  @Test
  @Order(LAST - 1)
  void theTimeLimitEndsAWorkerThatDoesNotListen() throws Exception {
    gone(STUBBORN, Duration.ofSeconds(150), "TIMEOUT");
    assertThat(log(STUBBORN)).contains("begun").doesNotContain("handed back");
    release(STUBBORN);
  }

  @Test
  @Order(LAST)
  void nothingIsLeftInTheEnd() throws Exception {
    assertThat(provider.list()).isEmpty();
    assertThat(slurm.type("squeue", "--noheader")).isEmpty();
    try (Stream<Path> clusters = Files.list(home.resolve("clusters"))) {
      assertThat(clusters).isEmpty();
    }
  }
}
