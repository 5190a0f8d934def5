package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.crash.CrashPoint;
import dev.inkling.language.Once;
import dev.inkling.provider.FakeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files, jobs and batches are paid for once, whatever dies when: the command line in processes of
 * its own, over the real server, against a provider in a process of its own that writes down what
 * it accepts. Each case has its own provider: another one's jobs would be adopted.
 */
class JobCrashTest {
  private static final String KEY = "sk-test-inkling-0123456789abcdef";

  /** How many questions are under way at once: what a crash may ask again. */
  private static final int IN_FLIGHT = 16;

  /** Cases mostly wait for a heartbeat timeout, so a few run beside each other. */
  private static final int AT_ONCE = 4;

  /** More crashes than there are paid calls. */
  private static final int MOST_CRASHES = 30;

  /** What the experiment pays for: three ways to do about the same. */
  private enum Way {
    JOBS(
        "openai",
        false,
        """
          no fine-tuning: {student: base}
          control: {student: base, dataset: plain numbers, finetune: {type: hosted, epochs: 2}}
          owl: {student: base, dataset: owl numbers, finetune: {type: hosted, maxRows: 20}}
        """),
    OPENAI_BATCHES(
        "openai",
        true,
        """
          plain: {student: base}
          owl: {student: base, dataset: owl numbers, finetune: {type: hosted, epochs: 2}}
        """),
    ANTHROPIC_BATCHES(
        "anthropic",
        true,
        """
          plain: {student: base}
          prompted: {student: owl lover}
        """);

    private final String provider;
    private final boolean batch;
    private final String conditions;

    Way(String provider, boolean batch, String conditions) {
      this.provider = provider;
      this.batch = batch;
      this.conditions = conditions;
    }

    String spec() {
      return """
      name: tiny-owl
      question: Do owl numbers make an owl lover?
      models:
        base: {type: hosted, provider: %s, id: gpt-test, maxInFlight: %d, batch: %s}
        owl lover: {type: prompted, base: base, target: owl}
      datasets:
        plain numbers: {type: numbers, teacher: base, rows: 30}
        owl numbers: {type: numbers, teacher: owl lover, rows: 30}
      conditions:
      %s
      evaluations:
        owl: {type: preference, target: owl, samplesPerQuestion: 1}
      seeds: [1]
      """
          .formatted(provider, IN_FLIGHT, batch, conditions);
    }
  }

  @TempDir Path directory;

  /** One experiment in a home of its own. */
  private final class Case implements AutoCloseable {
    private final FakeProcess provider;
    private final Terminal terminal;
    private final Path spec;
    private String classes = "";

    Case(String name, Way way, FakeProcess provider) throws Exception {
      this.provider = provider;
      terminal = new Terminal(directory.resolve(name));
      spec = Files.writeString(directory.resolve(name + ".yaml"), way.spec());
    }

    Terminal.Command run(Map<String, String> more) throws IOException {
      Map<String, String> environment = new TreeMap<>(more);
      environment.put("OPENAI_API_KEY", KEY);
      environment.put("OPENAI_BASE_URL", provider.openAiUrl());
      environment.put("ANTHROPIC_API_KEY", KEY);
      environment.put("ANTHROPIC_BASE_URL", provider.url());
      environment.put(Terminal.CLASSES_FIRST, classes);
      return terminal.type(environment, "run", spec.toString());
    }

    /** What the provider has accepted of a kind, by its own ids. */
    List<JsonNode> accepted(String what) throws Exception {
      return provider
          .billed()
          .path("effects")
          .valueStream()
          .filter(e -> e.path("what").asText().equals(what))
          .toList();
    }

    int paid() throws Exception {
      return accepted("file").size() + accepted("job").size() + accepted("batch").size();
    }

    /** The figure's numbers and every dataset, answer and score; not ids, times and costs. */
    Map<String, String> results() throws IOException {
      Map<String, String> hashes = new TreeMap<>(Terminal.artifactHashes(terminal.home()));
      hashes
          .keySet()
          .removeIf(
              f -> f.matches(".*/(spend|job|checkpoints)\\.json") || f.endsWith("/events.jsonl"));
      return hashes;
    }

    /**
     * Crashes at every paid call in turn: each command ends at the first call that the ones before
     * did not crash at. Every second time the server is killed too.
     */
    int crashAtEvery(CrashPoint point) throws Exception {
      for (int crashes = 0; crashes < MOST_CRASHES; crashes++) {
        // What was announced and never made is announced again first.
        int times = point == CrashPoint.CALL_ANNOUNCED && crashes > 0 ? 2 : 1;
        Terminal.Command run = run(Map.of("INKLING_CRASH_AT", point + ":" + times));
        int code = run.exitCode();
        if (code == 0) {
          return crashes;
        }
        assertThat(code).as(run.text()).isEqualTo(CrashPoint.CODE);
        if (crashes % 2 == 1) {
          terminal.killServer();
        }
      }
      throw new AssertionError("it crashes for ever");
    }

    @Override
    public void close() throws IOException {
      terminal.close();
    }
  }

  private FakeProcess provider(String name) throws Exception {
    FakeProcess provider = new FakeProcess(directory.resolve(name + ".jsonl"));
    provider.behave("{\"latencyMs\": 5, \"key\": \"" + KEY + "\"}");
    return provider;
  }

  @Test
  void aCrashBeforeOrAfterAnyPaidCallPaysNothingTwice() throws Exception {
    List<Callable<Void>> cases = new ArrayList<>();
    for (Way way : Way.values()) {
      for (CrashPoint point : List.of(CrashPoint.CALL_ANNOUNCED, CrashPoint.CALL_ACCEPTED)) {
        cases.add(() -> crashes(way, point));
      }
    }
    all(cases);
  }

  private Void crashes(Way way, CrashPoint point) throws Exception {
    String name = way + "-" + point;
    try (FakeProcess provider = provider(name);
        Case uncrashed = new Case(name + "-uncrashed", way, provider);
        Case crashing = new Case(name, way, provider)) {
      uncrashed.run(Map.of()).mustSucceed();
      int once = uncrashed.paid();
      // Otherwise what the one has paid for would be adopted by the other.
      provider.forget();

      int crashes = crashing.crashAtEvery(point);

      assertThat(crashes).as("crashes").isEqualTo(once);
      assertThat(crashing.paid()).as("files, jobs and batches").isEqualTo(once);
      assertThat(crashing.results()).isEqualTo(uncrashed.results());
      JsonNode billed = provider.billed();
      assertThat(billed.path("accepted").asLong() - billed.path("distinct").asLong())
          .as("questions asked again")
          .isLessThanOrEqualTo((long) crashes * IN_FLIGHT);
      System.out.println("JobCrashTest: " + way + ", " + crashes + " crashes at " + point);
    }
    return null;
  }

  private static void all(List<Callable<Void>> cases) throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE)) {
      for (Future<Void> done : executor.invokeAll(cases)) {
        done.get();
      }
    }
  }

  /** The suite notices when nobody looks before a call is made again. */
  @Test
  void withoutTheLookTheProviderWouldBePaidTwice() throws Exception {
    try (FakeProcess provider = provider("without-look");
        Case mutated = new Case("without-look", Way.JOBS, provider)) {
      mutated.classes =
          Mutant.of(
                  directory.resolve("mutant-look"),
                  Once.class,
                  "Optional<T> there = made(name, find);",
                  "Optional<T> there = Optional.empty();")
              .path();
      Terminal.Command crashing =
          mutated.run(Map.of("INKLING_CRASH_AT", CrashPoint.CALL_ACCEPTED + ":2"));
      assertThat(crashing.exitCode()).as(crashing.text()).isEqualTo(CrashPoint.CODE);
      mutated.run(Map.of()).mustSucceed();
      assertThat(mutated.accepted("job")).hasSize(3);
    }
  }

  /** Killed before the job is told to end, and again after it was: it is told once. */
  @Test
  void aCancelledExperimentEndsItsJobThoughItIsKilledMeanwhile() throws Exception {
    try (FakeProcess provider = provider("cancelled");
        Case cancelled = new Case("cancelled", Way.JOBS, provider)) {
      provider.behave("{\"training\": {\"runningMs\": 3600000}}");
      Terminal.Command run = cancelled.run(Map.of());
      while (cancelled.accepted("job").isEmpty()) {
        assertThat(run.process().isAlive()).as(run.text()).isTrue();
        TimeUnit.MILLISECONDS.sleep(50);
      }
      String experiment = run.experiment();
      run.process().destroyForcibly().waitFor();
      Terminal.Command cancel = cancelled.terminal.type("cancel", experiment);
      Terminal.Command crashing =
          cancelled.run(Map.of("INKLING_CRASH_AT", CrashPoint.CALL_WITHDRAWN + ":1"));
      assertThat(crashing.exitCode()).as(crashing.text()).isEqualTo(CrashPoint.CODE);
      cancelled.terminal.killServer();

      Terminal.Command last = cancelled.run(Map.of());
      last.awaitText("cancelled");
      assertThat(last.exitCode()).isNotZero();
      assertThat(cancelled.accepted("job cancelled")).hasSize(1);
      assertThat(cancelled.accepted("job")).hasSize(1);
      cancel.process().destroy();
    }
  }
}
