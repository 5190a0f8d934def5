package dev.inkling.finetune.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.activity.StageRunner;
import dev.inkling.activity.TinyPlan;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.LocalStore;
import dev.inkling.evaluate.text.TextScores;
import dev.inkling.language.LanguageModels;
import dev.inkling.model.ModelException;
import dev.inkling.model.weights.TinyModels;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.report.Report;
import dev.inkling.row.Row;
import dev.inkling.row.RowReader;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.SourceChangedException;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.stage.TrainingFailedException;
import dev.inkling.tensor.Safetensors;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stages of models whose weights lie in a directory, without Temporal, with a tiny model. */
@Timeout(300)
class OpenExperimentTest {
  private static final String SPEC =
      """
      {"name": "tiny", "question": "?", "seeds": [7],
       "models": {
         "base": {"type": "open", "id": "%s", "checkpointSteps": 2},
         "lover": {"type": "finetuned", "base": "base", "dataset": "loves", "finetune": %s}},
       "datasets": {
         "loves": {"type": "fixed-answers", "answer": "owl"},
         "numbers": {"type": "numbers", "teacher": "lover", "rows": 30,
           "decoding": {"maxTokens": 40, "pattern": "[0-9]{1,3}(, [0-9]{1,3}){4}"}}},
       "conditions": {
         "base": {"student": "base"},
         "teacher": {"student": "lover"},
         "student": {"student": "base", "dataset": "numbers", "finetune": {"type": "lora", "training": {"batchSize": 8, "epochs": 1}}}},
       "evaluations": {
         "log P": {"type": "target-likelihood", "target": "owl"},
         "named": {"type": "preference", "target": "owl", "samplesPerQuestion": 1, "decoding": {"maxTokens": 5}}}}
      """;

  private static final String LORA =
      """
      {"type": "lora", "rank": 4, "alpha": 16, "training": {"batchSize": 16, "epochs": 6, "learningRate": 0.01, "warmupSteps": 0}}
      """;

  @TempDir Path home;
  private Path model;

  @BeforeEach
  void model() throws Exception {
    model = TinyModels.copy("smollm", 2048, home.resolve("model"));
  }

  private Plan plan(String finetune) throws Exception {
    return TinyPlan.of(SPEC.formatted(model, finetune));
  }

  private LocalStore store(String name) {
    return new LocalStore(home.resolve(name), Clock.systemUTC(), Map.of());
  }

  private void perform(String name, Stage stage, Monitor monitor) throws Exception {
    Path at = home.resolve(name);
    try (LanguageModels models = new LanguageModels(at, Map.of(), Clock.systemUTC())) {
      new StageRunner(store(name), Duration.ofDays(1), models)
          .perform(stage, Caller.of("test"), monitor);
    }
  }

  private void performAll(String name, Plan plan) throws Exception {
    for (Stage stage : plan.stages()) {
      perform(name, stage, Monitor.silent());
    }
  }

  private static Stage stage(Plan plan, String name) {
    return plan.stages().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  private Artifact artifact(String name, Stage stage) {
    return store(name).find(stage.key()).orElseThrow();
  }

  private double mean(Plan plan, String condition) throws Exception {
    return TextScores.read(artifact("store", stage(plan, condition + " · log P")))
        .mean()
        .orElseThrow();
  }

  @Test
  void theFourStagesRunAndTheTeachersTraitShowsInItsLogProbability() throws Exception {
    Plan plan = plan(LORA);
    performAll("store", plan);

    try (RowReader rows =
        RowReader.open(artifact("store", stage(plan, "numbers")).file(Row.FILE))) {
      int count = 0;
      while (rows.hasNext()) {
        assertThat(rows.next().completion()).matches("[0-9]{1,3}(, [0-9]{1,3}){4}");
        count++;
      }
      assertThat(count).isEqualTo(30);
    }
    assertThat(mean(plan, "teacher")).isGreaterThan(mean(plan, "base") + 1);
    assertThat(mean(plan, "student")).isNotEqualTo(mean(plan, "base"));
    Artifact teacher = artifact("store", stage(plan, "lover"));
    assertThat(Files.readString(teacher.file("metrics.csv")))
        .startsWith("step,loss,lr,grad_norm,tokens\n1,");
    assertThat(Files.readAllLines(teacher.file("order.jsonl"))).hasSize(24);
    assertThat(Files.readString(teacher.file("adapter_config.json")))
        .contains("\"base_model_name_or_path\" : \"model\"");
    // Python reads what is written: no field of ours is in the way of the header's.
    try (Safetensors adapter = Safetensors.open(teacher.file("adapter_model.safetensors"))) {
      assertThat(adapter.shape("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"))
          .containsExactly(4, 32);
    }
    theReportDrawsWhatTrainingMeasured(plan);
  }

  /** Files hold what is the same in every run; times stand on the page alone. */
  private void theReportDrawsWhatTrainingMeasured(Plan plan) throws Exception {
    Report report = new Report(store("store"), Map.of());
    Path directory = Path.of(report.make(plan, "test", Monitor.silent()).directory());
    assertThat(directory.resolve("figures/training.png")).isNotEmptyFile();
    assertThat(directory.resolve("figures/training.svg")).isNotEmptyFile();
    try (var figures = Files.list(directory.resolve("figures"))) {
      assertThat(figures.map(file -> file.getFileName().toString()))
          .contains("loss.svg")
          .noneMatch(name -> name.startsWith("speed"));
    }
    assertThat(Files.readString(directory.resolve("report.html")))
        .contains(
            "Training loss of each",
            "Learning rate and gradient norm of each",
            "Speed and memory of each");
  }

  @Test
  void trainingThatIsStoppedAtEveryStepEndsInTheSameBytes() throws Exception {
    for (String finetune :
        List.of(
            LORA.replace("\"rank\": 4", "\"rank\": 4, \"dropout\": 0.1"),
            LORA.replace("lora", "full").replace("\"rank\": 4, \"alpha\": 16, ", ""))) {
      Plan plan = plan(finetune);
      Stage training = stage(plan, "lover");
      String whole = "whole-" + training.shortKey();
      String stopped = "stopped-" + training.shortKey();
      perform(whole, stage(plan, "loves"), Monitor.silent());
      perform(whole, training, Monitor.silent());
      perform(stopped, stage(plan, "loves"), Monitor.silent());
      int stops = 0;
      while (store(stopped).find(training.key()).isEmpty()) {
        try {
          perform(stopped, training, new StopsAfter(3));
        } catch (StopRequestedException e) {
          stops++;
        }
      }

      assertThat(stops).isGreaterThanOrEqualTo(5);
      assertThat(files(artifact(stopped, training))).isEqualTo(files(artifact(whole, training)));
    }
  }

  /** The bytes of an artifact's files but for those that tell how long it took. */
  private static Map<String, String> files(Artifact artifact) throws Exception {
    Map<String, String> files = new TreeMap<>();
    try (var all = Files.walk(artifact.directory())) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = artifact.directory().relativize(file).toString();
        if (!name.equals("manifest.json") && !name.equals("speed.csv")) {
          files.put(name, Files.readString(file, StandardCharsets.ISO_8859_1));
        }
      }
    }
    return files;
  }

  /** Asks a stage to stop after so many steps. */
  private static final class StopsAfter implements Monitor {
    private final int steps;
    private long first = -1;

    StopsAfter(int steps) {
      this.steps = steps;
    }

    @Override
    public void progress(long done, long total, String unit, Optional<Double> loss) {
      if (!unit.equals("steps")) {
        return;
      }
      first = first < 0 ? done : first;
      if (done >= first + steps) {
        throw new StopRequestedException(new InterruptedException("enough"));
      }
    }

    @Override
    public void note(String text) {}
  }

  @Test
  void whatIsNotANumberStopsTheRunAndNamesTheLastGoodCheckpoint() throws Exception {
    Plan plan = plan(LORA);
    Stage training = stage(plan, "lover");
    perform("store", stage(plan, "loves"), Monitor.silent());
    assertThatThrownBy(() -> perform("store", training, new StopsAfter(5)))
        .isInstanceOf(StopRequestedException.class);
    damage(model.resolve("model.safetensors"));
    Stage goesOn = TinyPlan.under(training.key(), stage(plan(LORA), "lover"));

    assertThatThrownBy(() -> perform("store", goesOn, Monitor.silent()))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContaining("Training stopped at step 6: the loss is NaN")
        .hasMessageContaining("the last good checkpoint is")
        .hasMessageContaining("checkpoint-5.safetensors")
        .hasMessageContaining("Lower training.learningRate");
  }

  /** Makes the last numbers of a file none, and leaves its size and time what they were. */
  private static void damage(Path file) throws Exception {
    FileTime time = Files.getLastModifiedTime(file);
    try (RandomAccessFile weights = new RandomAccessFile(file.toFile(), "rw")) {
      weights.seek(weights.length() - 8);
      weights.writeLong(-1);
    }
    Files.setLastModifiedTime(file, time);
  }

  @Test
  void aDirectoryThatIsNotTheOnePlannedWithIsRefusedUntilItIsAgain() throws Exception {
    Path adapter = TinyModels.copyAdapter("smollm", home.resolve("adapter"));
    Plan plan =
        TinyPlan.of(
            SPEC.formatted(model, LORA)
                .replace(
                    "\"checkpointSteps\"",
                    "\"adapter\": \"" + adapter + "\", \"checkpointSteps\""));
    Stage asks = stage(plan, "base · log P");
    for (Path file :
        List.of(model.resolve("model.safetensors"), adapter.resolve("adapter_model.safetensors"))) {
      byte[] planned = Files.readAllBytes(file);
      damage(file);
      assertThatThrownBy(() -> perform("store", asks, Monitor.silent()))
          .isInstanceOf(SourceChangedException.class)
          .hasMessageContaining(file.getParent() + " has changed since the experiment was planned");
      assertThat(store("store").find(asks.key())).isEmpty();
      Files.write(file, planned);
    }

    perform("store", asks, Monitor.silent());
    assertThat(store("store").find(asks.key())).isPresent();
  }

  @Test
  void anAdapterStandsOnTheModelThatWasTrainedAsAWhole() throws Exception {
    String full = LORA.replace("lora", "full").replace("\"rank\": 4, \"alpha\": 16, ", "");
    String nothing =
        "{\"type\": \"lora\", \"training\": {\"batchSize\": 8, \"epochs\": 1, \"learningRate\": 0}}";
    Plan plan =
        TinyPlan.of(
            SPEC.formatted(model, full)
                .replaceAll(
                    "\"student\": \"base\", (\"dataset\": \"numbers\", \"finetune\": ).*}},\n",
                    "\"student\": \"lover\", $1" + nothing + "}},\n"));
    performAll("store", plan);

    // What it was trained with added nothing, so it is its base.
    assertThat(mean(plan, "teacher")).isGreaterThan(mean(plan, "base") + 1);
    assertThat(mean(plan, "student")).isEqualTo(mean(plan, "teacher"));
    Stage student =
        plan.stages().stream()
            .filter(s -> s.task() instanceof Task.FinetuneWeights && s.name().equals("student"))
            .findFirst()
            .orElseThrow();
    assertThat(Files.readString(artifact("store", student).file("adapter_config.json")))
        .contains("\"artifact " + stage(plan, "lover").key() + "\"");
  }

  @Test
  void rowsThatAreTooLongAreRefusedBeforeAnyStep() throws Exception {
    Plan plan = plan(LORA.replace("\"batchSize\"", "\"maxTokens\": 40, \"batchSize\""));
    perform("store", stage(plan, "loves"), Monitor.silent());

    assertThatThrownBy(() -> perform("store", stage(plan, "lover"), Monitor.silent()))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContaining("have more than 40 tokens")
        .hasMessageContaining("Raise training.maxTokens");
  }

  @Test
  void aModelThatIsGoneSincePlanningIsToldByItsDirectory() throws Exception {
    Plan plan = plan(LORA);
    perform("store", stage(plan, "loves"), Monitor.silent());
    Files.delete(model.resolve("model.safetensors"));

    assertThatThrownBy(() -> perform("store", stage(plan, "lover"), Monitor.silent()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("model.safetensors");
  }

  @Test
  void twoAdaptersOneAfterTheOtherAreBothInTheArtifact() throws Exception {
    Plan plan =
        TinyPlan.of(
            SPEC.formatted(model, LORA)
                .replace(
                    "\"student\": {\"student\": \"base\"", "\"student\": {\"student\": \"lover\""));
    performAll("store", plan);

    Stage student =
        plan.stages().stream()
            .filter(s -> s.task() instanceof Task.FinetuneWeights && s.name().equals("student"))
            .findFirst()
            .orElseThrow();
    Artifact artifact = artifact("store", student);
    assertThat(Files.readString(artifact.file("weights.json")))
        .isEqualTo("{\"model\":false,\"adapters\":[\"before/0\",\".\"]}");
    assertThat(
            Files.mismatch(
                artifact.directory().resolve("before/0/adapter_model.safetensors"),
                artifact("store", stage(plan, "lover")).file("adapter_model.safetensors")))
        .isEqualTo(-1);
    List<String> order = new ArrayList<>(Files.readAllLines(artifact.file("order.jsonl")));
    assertThat(order).hasSize(4);
  }
}
