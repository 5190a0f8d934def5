package dev.inkling.provision.sky;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.provision.Node;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool;
import dev.inkling.provision.fake.FakeCloud;
import dev.inkling.provision.fake.PretendGpu;
import dev.inkling.provision.fake.StandInWorker;
import dev.inkling.spec.Compute;
import dev.inkling.spec.Compute.Candidate;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.Cluster.State;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A machine, from being asked for to its worker. */
@Timeout(120)
class SkyLaunchTest {
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

  private static Reason reason(Throwable failure) {
    return ((ProvisionException) failure).reason();
  }

  @Test
  void aMachineComesUpWithItsWorkerAndItsOwnEnd() throws Exception {
    List<String> said = new ArrayList<>();
    Clock clock = Clock.fixed(Instant.now().truncatedTo(ChronoUnit.SECONDS), ZoneOffset.UTC);

    Cluster cluster =
        bench.provider(clock, bench.cloud().tool()).ensure(SkyBench.request(3), said::add);

    assertThat(cluster.state()).isEqualTo(State.UP);
    assertThat(cluster.name()).isEqualTo(ClusterRequest.nameOf(SkyBench.EXPERIMENT));
    assertThat(cluster.experiment()).isEqualTo(SkyBench.EXPERIMENT);
    assertThat(cluster.generation()).isEqualTo(3);
    assertThat(cluster.where()).isEqualTo("aws/us-east-1");
    assertThat(cluster.accelerators()).isEqualTo("H100:1");
    assertThat(cluster.usdPerHour()).contains(2.5);
    // An hour of work, two minutes of idleness, two for SkyPilot to notice.
    assertThat(cluster.until()).contains(clock.instant().plus(Duration.ofMinutes(64)));
    assertThat(said).anyMatch(line -> line.contains("Considered resources"));

    List<String> worker = bench.workers(1).getFirst();
    assertThat(worker.subList(0, 3))
        .containsExactly(
            "worker --queue %s.3 --stages-only --idle-minutes 2 --max-hours 1.0000"
                .formatted(cluster.name()),
            "gpu 0",
            "secret " + SkyBench.SECRET);
    assertThat(bench.cloud().home().resolve("nodes").resolve(cluster.name()).resolve("own-setup"))
        .exists();
  }

  /** The build's archive is small; its manifest names the libraries in the folder beside it. */
  @Test
  void theArchivesLibrariesGoWithIt() throws Exception {
    Path built = Files.createDirectories(folder.resolve("built/lib")).getParent();
    FakeCloud.archive(built.resolve("lib/all.jar"), StandInWorker.class.getName());
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, StandInWorker.class.getName());
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, "lib/all.jar");
    Path archive = built.resolve("inkling.jar");
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(archive), manifest)) {
      jar.finish();
    }
    Node node = new Node(bench.node().environment(), List.of(archive));

    new SkyBench(folder, bench.cloud(), bench.store(), node)
        .provider()
        .ensure(SkyBench.request(1), line -> {});

    assertThat(bench.workers(1)).hasSize(1);
  }

  @Test
  void certificatesTravelAsTheirTexts() throws Exception {
    String key = "-----BEGIN PRIVATE KEY-----\nit's $ECRET\n-----END PRIVATE KEY-----\n";
    Path file = Files.writeString(folder.resolve("client.key"), key);
    SkyProvider provider = withKey(file);
    Compute.Sky usual = SkyBench.compute("H100:1");
    Compute.Sky copying =
        new Compute.Sky(
            usual.precision(),
            usual.parallel(),
            usual.accelerators(),
            usual.infra(),
            usual.spot(),
            usual.anyOf(),
            Optional.of("cp \"$HOME/$INKLING_DIRECTORY/environment\" \"$HOME/seen\""),
            usual.idleMinutes(),
            usual.maxHours(),
            usual.maxUsd(),
            usual.waitHours());

    Cluster cluster = provider.ensure(SkyBench.request(1, copying), line -> {});

    bench.workers(1);
    Path seen = bench.cloud().home().resolve("nodes").resolve(cluster.name()).resolve("seen");
    Process bash =
        new ProcessBuilder(
                "bash", "-c", ". \"$0\"; printf %s \"$TEMPORAL_TLS_CLIENT_KEY_DATA\"", seen + "")
            .start();
    assertThat(new String(bash.getInputStream().readAllBytes(), UTF_8)).isEqualTo(key);
    assertThat(seen).content().doesNotContain("TEMPORAL_TLS_CLIENT_KEY_PATH");
  }

  @Test
  void aCertificateThatCannotBeReadIsToldBeforeAnythingIsMade() throws Exception {
    SkyProvider provider = withKey(folder.resolve("nowhere.key"));
    ClusterRequest request =
        SkyBench.request(
            1,
            SkyBench.compute(
                "H100:1", new Candidate(Optional.of("A100:1"), Optional.of("gcp"), true)));

    assertThatThrownBy(() -> provider.ensure(request, line -> {}))
        .satisfies(failure -> assertThat(reason(failure)).isEqualTo(Reason.BAD_REQUEST))
        .hasMessageContainingAll(
            "TEMPORAL_TLS_CLIENT_KEY_PATH names", "nowhere.key", "Nothing was launched.");
    assertThat(bench.cloud().events()).isEmpty();
    assertThat(bench.drafts()).doesNotExist();
  }

  private SkyProvider withKey(Path file) {
    Map<String, String> environment = new HashMap<>(bench.node().environment());
    environment.put("TEMPORAL_TLS_CLIENT_KEY_PATH", file.toString());
    return new SkyBench(
            folder, bench.cloud(), bench.store(), new Node(environment, bench.node().classPath()))
        .provider();
  }

  /** The run reads its environment after the setup, so that is where a setup puts more of it. */
  @Test
  void aSetupMayAddToTheWorkersEnvironment() throws Exception {
    String setup = "echo HF_TOKEN=other >>\"$HOME/$INKLING_DIRECTORY/environment\"";

    bench.provider().ensure(SkyBench.request(1, withSetup(setup)), line -> {});

    assertThat(bench.workers(1).getFirst()).contains("secret other");
  }

  private static Compute.Sky withSetup(String lines) {
    Compute.Sky usual = SkyBench.compute("H100:1");
    return new Compute.Sky(
        usual.precision(),
        usual.parallel(),
        usual.accelerators(),
        usual.infra(),
        usual.spot(),
        usual.anyOf(),
        Optional.of(lines),
        usual.idleMinutes(),
        usual.maxHours(),
        usual.maxUsd(),
        usual.waitHours());
  }

  /** A machine whose home has the packages, with a stand-in for NVIDIA's tool. */
  @Test
  void theWorkerOfAMachineWithAGpuGetsTorchsLibraries() throws Exception {
    Path packages = PretendGpu.packages(folder.resolve("packages"), "2.7.1");
    Node node =
        new Node(Map.of("INKLING_STORE", bench.store().toString()), bench.node().classPath());
    Map<String, String> withGpu = new HashMap<>(bench.cloud().environment());
    withGpu.put("PATH", PretendGpu.in(folder).path());
    SkyBench gpus = new SkyBench(folder, bench.cloud(), bench.store(), node);
    String setup = "mkdir -p ~/.inkling && cp -r '%s' ~/.inkling/torch-2.7.1".formatted(packages);

    gpus.provider(Clock.systemUTC(), new Tool(List.of(bench.cloud().program().toString()), withGpu))
        .ensure(SkyBench.request(1, withSetup(setup)), line -> {});

    assertThat(bench.workers(1).getFirst().getLast())
        .matches("torch /.*/nodes/.*/\\.inkling/inkling-.*\\.1/torch");
  }

  @Test
  void theSecretIsInNoFileThatStays() throws Exception {
    Cluster cluster = bench.provider().ensure(SkyBench.request(1), line -> {});
    bench.workers(1);

    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(Files::isRegularFile).filter(file -> !file.startsWith(bench.store())))
          .noneSatisfy(file -> assertThat(Files.readString(file, ISO_8859_1)).contains("$ECRET"));
    }
    assertThat(ProcessHandle.allProcesses().flatMap(one -> one.info().commandLine().stream()))
        .noneMatch(line -> line.contains("$ECRET"));
    assertThat(bench.drafts()).isEmptyDirectory();
    assertThat(bench.provider().render(SkyBench.request(1)))
        .doesNotContain("$ECRET")
        .contains("--queue " + cluster.name() + ".1");
  }

  @Test
  void eachGpuHasAWorker() throws Exception {
    bench.provider().ensure(SkyBench.request(1, SkyBench.compute("H100:2")), line -> {});

    assertThat(bench.workers(2))
        .extracting(lines -> lines.get(1))
        .containsExactlyInAnyOrder("gpu 0", "gpu 1");
  }

  @Test
  void askedAgainItIsAdopted() throws Exception {
    bench.provider().ensure(SkyBench.request(1), line -> {});
    Cluster again = bench.provider().ensure(SkyBench.request(1), line -> {});

    assertThat(again.state()).isEqualTo(State.UP);
    assertThat(bench.cloud().events()).containsOnlyOnce("launched", "job");
  }

  @Test
  void aSecondJobOfTheGenerationStartsNoSecondWorker() throws Exception {
    ClusterRequest request = SkyBench.request(1);
    bench.provider().ensure(request, line -> {});
    bench.workers(1);
    Terms terms = Terms.unpriced(SkyBench.compute("H100:1"), Instant.now());
    SkyTask task =
        new SkyTask(request, SkyBench.compute("H100:1").candidates().getFirst(), terms, "me");
    try (Draft draft = Draft.of(bench.drafts(), task, bench.node())) {
      bench.cli().launch(request.name(), 1, draft.file(), line -> {});
    }
    bench.cloud().await("job", 2);

    long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (bench.cli().jobs(request.name()).orElseThrow().stream()
            .noneMatch(job -> job.status().equals("SUCCEEDED"))
        && System.nanoTime() < until) {
      Thread.sleep(50);
    }
    assertThat(bench.cli().jobs(request.name()).orElseThrow())
        .extracting(SkyJob::status)
        .containsExactlyInAnyOrder("RUNNING", "SUCCEEDED");
    assertThat(bench.workers(1)).hasSize(1);
  }

  @Test
  void aWorkerEndsWhenItsTimeIsOver() throws Exception {
    // It was asked for a while ago: ten seconds of its 36 are left, in which it comes up.
    Clock ago = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(-26));
    ClusterRequest request =
        SkyBench.request(1, SkyBench.compute("H100:1", Optional.empty(), 0.01, List.of()));

    Cluster seen = bench.provider(ago, bench.cloud().tool()).ensure(request, line -> {});

    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (seen.lives() && System.nanoTime() < until) {
      Thread.sleep(100);
      seen = bench.provider().describe(request);
    }
    assertThat(seen.state()).isEqualTo(State.GONE);
    assertThat(seen.detail()).contains("Its worker has ended");
  }

  @Test
  void withoutCapacityTheNextCandidateIsTried() throws Exception {
    bench.cloud().behave("{\"no_capacity\": {\"H100:1\": 1}}");

    Cluster cluster =
        bench
            .provider()
            .ensure(
                SkyBench.request(
                    1,
                    SkyBench.compute(
                        "H100:1", new Candidate(Optional.of("A100:1"), Optional.of("gcp"), true))),
                line -> {});

    assertThat(cluster.accelerators()).isEqualTo("A100:1");
    assertThat(bench.cloud().ledger().getFirst().at("/resources/use_spot").asBoolean()).isTrue();
    assertThat(bench.cloud().launches()).isEqualTo(1);
  }

  @Test
  void withoutCapacityAnywhereNothingIsLeftAndItWorksLater() throws Exception {
    bench.cloud().behave("{\"no_capacity\": 2}");
    ClusterRequest request =
        SkyBench.request(
            1,
            SkyBench.compute(
                "H100:1", new Candidate(Optional.of("A100:1"), Optional.empty(), false)));

    assertThatThrownBy(() -> bench.provider().ensure(request, line -> {}))
        .satisfies(failure -> assertThat(reason(failure)).isEqualTo(Reason.NO_CAPACITY))
        .hasMessageContaining("H100:1 on aws/us-east-1")
        .hasMessageContaining("A100:1");
    assertThat(bench.cloud().events()).isEmpty();
    assertThat(bench.drafts()).isEmptyDirectory();

    assertThat(bench.provider().ensure(request, line -> {}).state()).isEqualTo(State.UP);
  }

  @Test
  void aMachineWhoseSetUpFailedIsTakenDownAndHasCostSomething() throws Exception {
    bench.cloud().behave("{\"setup_fails\": true}");

    Cluster cluster = bench.provider().ensure(SkyBench.request(1), line -> {});

    assertThat(cluster.state()).isEqualTo(State.GONE);
    assertThat(cluster.since()).isPresent();
    assertThat(cluster.usdPerHour()).contains(2.5);
    assertThat(cluster.detail())
        .contains("Failed to set up SkyPilot runtime", "Nothing was left running");
    assertThat(bench.cloud().events()).containsExactly("launched", "ended");
  }

  @Test
  void moneyThatPaysForTooLittleLaunchesNothing() throws Exception {
    ClusterRequest request =
        SkyBench.request(1, SkyBench.compute("H100:1", Optional.of(0.3), 12, List.of()));

    assertThatThrownBy(() -> bench.provider().ensure(request, line -> {}))
        .satisfies(failure -> assertThat(reason(failure)).isEqualTo(Reason.QUOTA))
        .hasMessageContaining("maxUsd: $0.30 pays for less than 9 minutes");
    assertThat(bench.cloud().events()).isEmpty();
  }

  @Test
  void withoutAKnownPriceMoneyCannotBeHeldTo() throws Exception {
    bench.cloud().behave("{\"usd_per_hour\": 0}");
    ClusterRequest request =
        SkyBench.request(1, SkyBench.compute("H100:1", Optional.of(5.0), 12, List.of()));

    assertThatThrownBy(() -> bench.provider().ensure(request, line -> {}))
        .satisfies(failure -> assertThat(reason(failure)).isEqualTo(Reason.QUOTA))
        .hasMessageContaining("knows no price");
    assertThat(bench.cloud().events()).isEmpty();
    assertThat(bench.provider().ensure(SkyBench.request(1), line -> {}).usdPerHour()).isEmpty();
  }

  @Test
  void theLifeIsCutToWhatTheMoneyPaysFor() throws Exception {
    ClusterRequest request =
        SkyBench.request(1, SkyBench.compute("H100:1", Optional.of(5.0), 12, List.of()));
    Instant before = Instant.now();

    Cluster cluster = bench.provider().ensure(request, line -> {});

    // Two hours at 2.5 dollars, the end of which goes into four minutes of idleness.
    assertThat(Duration.between(before, cluster.until().orElseThrow()))
        .isBetween(Duration.ofMinutes(119), Duration.ofMinutes(121));
    assertThat(bench.workers(1).getFirst().getFirst()).endsWith("--max-hours 1.9333");
  }

  @Test
  void aMachineThatIsDearerThanForetoldIsTakenDown() throws Exception {
    bench.cloud().behave("{\"usd_per_hour\": 2.5, \"price_at_launch\": 4}");
    ClusterRequest request =
        SkyBench.request(1, SkyBench.compute("H100:1", Optional.of(5.0), 12, List.of()));

    assertThatThrownBy(() -> bench.provider().ensure(request, line -> {}))
        .satisfies(failure -> assertThat(reason(failure)).isEqualTo(Reason.NO_CAPACITY))
        .hasMessageContaining("$4.00");
    assertThat(bench.cli().find(request.name())).isEmpty();
  }

  @Test
  void withoutAStoreThatIsSharedNothingIsMade() throws Exception {
    Node node = new Node(Map.of(), bench.node().classPath());
    SkyProvider provider = new SkyBench(folder, bench.cloud(), bench.store(), node).provider();

    assertThatThrownBy(() -> provider.ensure(SkyBench.request(1), line -> {}))
        .isInstanceOf(ProvisionException.class)
        .hasMessageContaining("INKLING_STORE names no store");
    assertThat(bench.cloud().launches()).isZero();
  }
}
