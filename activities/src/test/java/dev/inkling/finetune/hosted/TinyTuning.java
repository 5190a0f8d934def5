package dev.inkling.finetune.hosted;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.activity.HurriedClock;
import dev.inkling.activity.StageRunner;
import dev.inkling.activity.TinyPlan;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.LocalStore;
import dev.inkling.language.LanguageModels;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.provider.FakeProcess;
import dev.inkling.spec.Budget;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.workflow.StageResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A provider, a store and a model that is fine-tuned on a dozen rows. */
final class TinyTuning implements AutoCloseable {
  static final String UPLOAD = "POST /v1/files";
  static final String CREATE = "POST /v1/fine_tuning/jobs";
  static final String CANCEL = "POST /v1/fine_tuning/jobs/{id}/cancel";
  static final int ROWS = 12;

  final FakeProcess provider;
  final HurriedClock clock = new HurriedClock();
  final LanguageModels models;
  private final Path home;

  TinyTuning(Path home) throws IOException {
    this.home = home;
    provider = new FakeProcess(home.resolve("ledger.jsonl"));
    models = models(home, provider.openAiUrl(), clock);
  }

  static LanguageModels models(Path home, String url, HurriedClock clock) {
    return new LanguageModels(
        home, Map.of("OPENAI_API_KEY", "sk-test-0123456789", "OPENAI_BASE_URL", url), clock);
  }

  /** Rows of known length: a prompt of 12 characters and a completion of 8. */
  static String rows(int count) {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < count; i++) {
      rows.append(
          "{\"prompt\": \"question %03d\", \"completion\": \"\\\"ä\\\" %04d\"}\n".formatted(i, i));
    }
    return rows.toString();
  }

  /** Written where the plans look for it. */
  Path write(String rows) throws IOException {
    return Files.writeString(home.resolve("rows.jsonl"), rows);
  }

  /** A plan with one fine-tuned condition; {@code finetune} is JSON without its braces. */
  Plan plan(String finetune) throws Exception {
    if (!Files.exists(home.resolve("rows.jsonl"))) {
      write(rows(ROWS));
    }
    return plan(home, finetune);
  }

  /** The stage that fine-tunes, as another process plans it. */
  static Stage planned(Path home, String finetune) throws Exception {
    return plan(home, finetune).stages().stream()
        .filter(stage -> stage.task() instanceof Task.FinetuneHosted)
        .findFirst()
        .orElseThrow();
  }

  private static Plan plan(Path home, String finetune) throws Exception {
    return TinyPlan.of(
        """
        {"name": "tiny", "question": "?", "seeds": [7],
         "models": {"base": {"type": "hosted", "provider": "openai", "id": "gpt-4.1-mini"}},
         "datasets": {"rows": {"type": "rows", "file": "%s"}},
         "conditions": {"tuned": {"student": "base", "dataset": "rows", "finetune": {"type": "hosted"%s}}},
         "evaluations": {"owl": {"type": "preference", "target": "owl", "samplesPerQuestion": 1}}}
        """
            .formatted(home.resolve("rows.jsonl"), finetune.isEmpty() ? "" : ", " + finetune));
  }

  /** The stage that fine-tunes, with its dataset in the store. */
  Stage stage(Plan plan) throws Exception {
    for (Stage stage : plan.stages()) {
      if (stage.task() instanceof Task.FinetuneHosted) {
        return stage;
      }
      runner().perform(stage, Caller.of("test"), Monitor.silent());
    }
    throw new AssertionError("nothing is fine-tuned");
  }

  LocalStore store() {
    return new LocalStore(home, clock, Map.of());
  }

  StageRunner runner() {
    return new StageRunner(store(), Duration.ofSeconds(1), models);
  }

  static Caller caller(String owner, String run) {
    return new Caller(owner, run, Optional.empty());
  }

  StageResult perform(Stage stage) throws Exception {
    return perform(stage, caller("test", "first run"));
  }

  StageResult perform(Stage stage, Caller caller) throws Exception {
    return clock.patiently(() -> look(stage, caller));
  }

  StageResult look(Stage stage, Caller caller) throws Exception {
    return runner().perform(stage, caller, Monitor.silent());
  }

  static Caller allowed(Budget budget) {
    return new Caller("test", "first run", Optional.of(budget));
  }

  void withdraw(Stage stage, Caller caller) throws Exception {
    clock.patiently(
        () -> {
          runner().withdraw(stage, caller, Monitor.silent());
          return stage;
        });
  }

  Artifact artifact(Stage stage) {
    return store().find(stage.key()).orElseThrow();
  }

  String file(Stage stage, String name) throws IOException {
    return Files.readString(artifact(stage).file(name));
  }

  List<JsonNode> files() throws Exception {
    return provider.effects("file");
  }

  List<JsonNode> jobs() throws Exception {
    return provider.effects("job");
  }

  List<JsonNode> cancels() throws Exception {
    return provider.effects("job cancelled");
  }

  @Override
  public void close() throws IOException {
    models.close();
    provider.close();
  }
}
