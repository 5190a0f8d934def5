package dev.inkling.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.activity.StageRunner;
import dev.inkling.activity.TinyPlan;
import dev.inkling.artifact.Disk;
import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Store;
import dev.inkling.language.LanguageModels;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.provider.FakeProcess;
import dev.inkling.report.Report;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A home with experiments that the real stages made: two with networks that differ, one with
 * language models, one of which only two stages are done, and one whose student a provider has
 * fine-tuned.
 */
final class TrackedHome {
  static final String JOB =
      """
      {"server": "openai", "job": "ftjob-7", "file": "file-7", "base": "gpt-4.1-nano",
       "model": "ft:gpt-4.1-nano:owls", "status": "succeeded", "trainedTokens": 12345,
       "createdAt": "2026-11-22T10:00:00Z", "epochs": 3, "batchSize": "auto"}
      """;

  private static final ObjectMapper JSON = new ObjectMapper();

  final Path directory;
  final LocalStore store;
  final Plan networks;
  final Plan fewer;
  final Plan language;
  final Plan unfinished;
  final Plan hosted;

  /**
   * The one home of all tests in this JVM, which change nothing in it: making it takes a while.
   * Test JVMs run side by side, so each has its own.
   */
  private static final class Shared {
    static final TrackedHome HOME = make();

    private static TrackedHome make() {
      try {
        Path directory = Files.createTempDirectory("inkling-tracked-home");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(directory)));
        return new TrackedHome(directory);
      } catch (Exception e) {
        throw new AssertionError("the experiments that are to be tracked failed", e);
      }
    }

    private static void remove(Path directory) {
      try {
        Disk.removeAll(directory);
      } catch (IOException e) {
        System.err.println(directory + " stays behind: " + e);
      }
    }
  }

  /** The experiments, made when they are first asked for. */
  static TrackedHome shared() {
    return Shared.HOME;
  }

  private TrackedHome(Path directory) throws Exception {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
    this.directory = directory;
    store = new LocalStore(directory, Clock.systemUTC(), Map.of());
    networks = TinyPlan.of(TinyPlan.PROMPTS);
    fewer = TinyPlan.of(promptsWith("fewer-prompts", 0, 11));
    unfinished = TinyPlan.of(promptsWith("more-prompts", 1, 2, 3));
    language =
        TinyPlan.of(
            """
            {"preset": "owl-prompted", "name": "tiny-owl",
             "datasets": {"plain numbers": {"rows": 20}, "owl numbers": {"rows": 20}},
             "models": {"base": {"id": "gpt-test"}, "read plain": {"rows": 3}, "read owl": {"rows": 3}},
             "evaluations": {"owl": {"samplesPerQuestion": 1}}}
            """);
    make(networks);
    make(fewer);
    make(unfinished.stages().subList(0, 2));
    store.remember(unfinished);
    makeLanguage();
    hosted = withJob();
    store.remember(hosted);
  }

  static String promptsWith(String name, int... seeds) {
    ObjectNode spec = JSON.createObjectNode().put("preset", "promptmlp").put("name", name);
    spec.set("seeds", JSON.valueToTree(seeds));
    spec.set(
        "datasets",
        JSON.createObjectNode().set("unrelated", JSON.createObjectNode().put("rows", 500)));
    return spec.toString();
  }

  /** Everything that an experiment with networks does. */
  void make(Plan plan) throws Exception {
    store.remember(plan);
    make(plan.stages());
    report(plan);
  }

  void report(Plan plan) throws Exception {
    new Report(store, Map.of()).make(plan, "test", Monitor.silent());
  }

  private void make(List<Stage> stages) throws Exception {
    try (LanguageModels nobody = new LanguageModels(directory, Map.of(), Clock.systemUTC())) {
      for (Stage stage : stages) {
        perform(stage, nobody);
      }
    }
  }

  void perform(Stage stage, LanguageModels models) throws Exception {
    new StageRunner(store, Duration.ofHours(1), models)
        .perform(stage, Caller.of("test"), Monitor.silent());
  }

  private void makeLanguage() throws Exception {
    store.remember(language);
    try (FakeProcess provider = new FakeProcess(directory.resolve("ledger.jsonl"));
        LanguageModels models =
            new LanguageModels(
                directory,
                Map.of(
                    "OPENAI_API_KEY",
                    "sk-test-0123456789",
                    "OPENAI_BASE_URL",
                    provider.openAiUrl()),
                Clock.systemUTC())) {
      for (Stage stage : language.stages()) {
        perform(stage, models);
      }
    }
    report(language);
  }

  /** The language experiment under another id, with one more stage: a job, made by hand. */
  private Plan withJob() throws IOException {
    String key = Keys.of("a fine-tuning job");
    try (Store.Work work = store.claim(key, "test").orElseThrow()) {
      Files.writeString(work.output().resolve(ArtifactRows.JOB), JOB);
      JsonNode identity = JSON.readTree("{\"stage\": \"Finetune\", \"seeds\": [1]}");
      work.publish(identity, "student", "fine-tuned", 1);
    }
    Stage like = language.stages().getFirst();
    List<Stage> stages = new ArrayList<>(language.stages());
    stages.add(
        new Stage(key, "student", like.task(), Map.of(), List.of(1L), Optional.empty(), Map.of()));
    return new Plan(
        "tiny-hosted-0000000000",
        Optional.empty(),
        language.spec(),
        stages,
        language.trials(),
        Keys.of("a report that nobody made"));
  }

  /** The numbers of an experiment's report. */
  JsonNode results(Plan plan) throws IOException {
    return JSON.readTree(
        Files.readAllBytes(store.find(plan.reportKey()).orElseThrow().file(Report.RESULTS)));
  }

  /** The same files in another place. */
  static LocalStore copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return new LocalStore(to, Clock.systemUTC(), Map.of());
  }
}
