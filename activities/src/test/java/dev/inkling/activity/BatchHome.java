package dev.inkling.activity;

import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.LocalStore;
import dev.inkling.language.BatchLimits;
import dev.inkling.language.LanguageModels;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.provider.FakeProcess;
import dev.inkling.spec.Budget;
import dev.inkling.stage.Caller;
import dev.inkling.stage.LaterException;
import dev.inkling.stage.Monitor;
import dev.inkling.workflow.StageResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A home in which stages are made as Temporal makes them: when one says later, it is called again
 * by a process that knows nothing of the one before, and nobody waits in between.
 */
final class BatchHome {
  /** A stage that has not come to its end after so many looks never will. */
  private static final int LOOKS = 100;

  private final Path home;
  private final FakeProcess provider;
  private final HurriedClock clock = new HurriedClock();
  private BatchLimits limits = BatchLimits.DEFAULT;
  private Optional<Budget> allowance = Optional.empty();

  /** What the looks that came too early have said. */
  final List<String> later = new ArrayList<>();

  BatchHome(Path home, FakeProcess provider) throws IOException {
    this.home = Files.createDirectories(home);
    this.provider = provider;
    Files.writeString(
        home.resolve("prices.yaml"),
        """
        asOf: 2026-11-22
        prices:
          openai: {gpt-test: {input: 10, output: 20}}
          anthropic: {claude-test: {input: 10, output: 20}}
        """);
  }

  BatchHome with(BatchLimits smaller) {
    limits = smaller;
    return this;
  }

  BatchHome with(Budget budget) {
    allowance = Optional.of(budget);
    return this;
  }

  LocalStore store() {
    return new LocalStore(home, Clock.systemUTC(), Map.of());
  }

  LanguageModels models() {
    return new LanguageModels(
        home,
        Map.of(
            "OPENAI_API_KEY",
            "sk-test-0123456789",
            "OPENAI_BASE_URL",
            provider.openAiUrl(),
            "ANTHROPIC_API_KEY",
            "sk-ant-0123456789",
            "ANTHROPIC_BASE_URL",
            provider.url()),
        clock,
        limits);
  }

  private Caller caller(String owner) {
    return new Caller(owner, "run", allowance);
  }

  /** One look, after which the process is gone. */
  StageResult look(Stage stage, String owner) throws Exception {
    return look(stage, owner, Monitor.silent());
  }

  StageResult look(Stage stage, String owner, Monitor monitor) throws Exception {
    try (LanguageModels models = models()) {
      return new StageRunner(store(), Duration.ofSeconds(1), models)
          .perform(stage, caller(owner), monitor);
    } catch (LaterException e) {
      clock.advance(e.delay());
      later.add(e.getMessage());
      throw e;
    }
  }

  /** As many looks as it takes. */
  StageResult make(Stage stage) throws Exception {
    for (int i = 0; i < LOOKS; i++) {
      try {
        return look(stage, "test");
      } catch (LaterException e) {
        // Once more.
      }
    }
    throw new AssertionError("never done: " + later.getLast());
  }

  void withdraw(Stage stage, String owner) throws Exception {
    try (LanguageModels models = models()) {
      new StageRunner(store(), Duration.ofSeconds(1), models)
          .withdraw(stage, caller(owner), Monitor.silent());
    } catch (LaterException e) {
      clock.advance(e.delay());
      throw e;
    }
  }

  Map<String, StageResult> make(Plan plan) throws Exception {
    Map<String, StageResult> results = new TreeMap<>();
    for (Stage stage : plan.stages()) {
      results.put(stage.key(), make(stage));
    }
    return results;
  }

  /** The hashes of an artifact's files, without what it has cost. */
  Map<String, String> bytes(Stage stage) {
    Map<String, String> bytes = new TreeMap<>();
    artifact(stage)
        .manifest()
        .files()
        .forEach(
            (file, entry) -> {
              if (!file.equals("spend.json")) {
                bytes.put(stage.name() + "/" + file, entry.sha256());
              }
            });
    return bytes;
  }

  Artifact artifact(Stage stage) {
    return store().find(stage.key()).orElseThrow();
  }

  /** A file of a stage's work in progress. */
  Path work(Stage stage, String file) {
    return home.resolve("work").resolve(stage.key()).resolve(file);
  }
}
