package dev.inkling.provision.sky;

import dev.inkling.provision.Node;
import dev.inkling.provision.Tool;
import dev.inkling.provision.fake.FakeCloud;
import dev.inkling.provision.fake.StandInWorker;
import dev.inkling.spec.Compute;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A provider over the stand-in, with everything in one folder.
 *
 * @param store where workers write down how they were started
 */
record SkyBench(Path folder, FakeCloud cloud, Path store, Node node) {
  static final String EXPERIMENT = "owl-numbers-0123456789";
  static final String SECRET = "hf_It's $ECRET";
  private static final Duration POLL = Duration.ofMillis(50);

  static SkyBench in(Path folder) throws IOException {
    Path store = Files.createDirectories(folder.resolve("store"));
    Path archive = FakeCloud.archive(folder.resolve("inkling.jar"), StandInWorker.class.getName());
    return new SkyBench(
        folder,
        FakeCloud.sky(folder),
        store,
        // Whoever tests beside a real GPU does not want its libraries fetched.
        new Node(
            Map.of("INKLING_STORE", store.toString(), "HF_TOKEN", SECRET, "INKLING_DEVICE", "cpu"),
            List.of(archive)));
  }

  SkyProvider provider() {
    return provider(Clock.systemUTC(), cloud.tool());
  }

  SkyProvider provider(Clock clock, Tool tool) {
    return new SkyProvider(tool, node, drafts(), clock, POLL);
  }

  SkyProvider impatient(Duration launch) {
    return new SkyProvider(
        SkyCli.of(
            cloud.tool(),
            new SkyCli.Limits(Duration.ofSeconds(30), launch, Duration.ofSeconds(30))),
        node,
        drafts(),
        Clock.systemUTC(),
        POLL,
        10);
  }

  /**
   * Kills a process that asks for a machine, while that is launched.
   *
   * @param commandToo whether the tool's command is killed with it
   * @param arguments the generation, and what it may cost
   */
  void killInTheMiddle(boolean commandToo, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                EnsureProcess.class.getName(),
                folder.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).inheritIO().start();
    cloud.await("launched", 1);
    List<ProcessHandle> tools = process.descendants().toList();
    process.destroyForcibly().waitFor();
    if (commandToo) {
      tools.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** Where files of a launch lie. */
  Path drafts() {
    return folder.resolve("drafts");
  }

  SkyCli cli() {
    return SkyCli.of(cloud.tool(), SkyCli.Limits.USUAL);
  }

  /** What workers wrote, sorted. */
  List<List<String>> workers(int atLeast) throws IOException, InterruptedException {
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      List<List<String>> notes = new ArrayList<>();
      try (Stream<Path> files = Files.list(store)) {
        for (Path file :
            files.filter(one -> one.getFileName().toString().startsWith("worker-")).toList()) {
          notes.add(Files.readAllLines(file));
        }
      }
      if (notes.size() >= atLeast || System.nanoTime() > until) {
        return notes;
      }
      Thread.sleep(50);
    }
  }

  /** Lets every worker end. */
  void go(String code) throws IOException {
    Files.writeString(store.resolve("go"), code);
  }

  static ClusterRequest request(int generation, Compute.Sky compute) {
    return new ClusterRequest(EXPERIMENT, EXPERIMENT, generation, compute);
  }

  static ClusterRequest request(int generation) {
    return request(generation, compute("H100:1"));
  }

  static Compute.Sky compute(String accelerators, Compute.Candidate... others) {
    return compute(accelerators, Optional.empty(), 1, List.of(others));
  }

  static Compute.Sky compute(
      String accelerators,
      Optional<Double> maxUsd,
      double maxHours,
      List<Compute.Candidate> others) {
    return new Compute.Sky(
        Compute.Precision.BF16,
        1,
        Optional.of(accelerators),
        Optional.of("aws/us-east-1"),
        false,
        others,
        Optional.of("touch \"$HOME/own-setup\""),
        2,
        maxHours,
        maxUsd,
        1);
  }
}
