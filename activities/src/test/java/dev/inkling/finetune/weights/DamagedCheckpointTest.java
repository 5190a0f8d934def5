package dev.inkling.finetune.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.activity.StageRunner;
import dev.inkling.activity.TinyPlan;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.LocalStore;
import dev.inkling.language.LanguageModels;
import dev.inkling.model.weights.TinyModels;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.stage.TrainingFailedException;
import dev.inkling.tensor.Safetensors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A newest checkpoint that cannot be gone on from costs an interval, and is nobody's good one. */
@Timeout(300)
class DamagedCheckpointTest {
  /** What may befall a file. */
  private enum Damage {
    TRUNCATED {
      @Override
      void befall(Path file) throws IOException {
        try (RandomAccessFile torn = new RandomAccessFile(file.toFile(), "rw")) {
          torn.setLength(torn.length() - 100);
        }
      }
    },
    FLIPPED {
      @Override
      void befall(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
      }
    },
    NAMELESS {
      @Override
      void befall(Path file) throws IOException {
        rewrite(file, Map.of());
      }
    },
    OF_ANOTHER_STEP {
      @Override
      void befall(Path file) throws IOException {
        rewrite(file, Map.of("step", "4", "seconds", "1"));
      }
    };

    abstract void befall(Path file) throws IOException;

    /** The same tensors and a right checksum, but other notes. */
    private static void rewrite(Path file, Map<String, String> notes) throws IOException {
      Map<String, Safetensors.Tensor> tensors = new HashMap<>();
      try (Safetensors saved = Safetensors.open(file)) {
        for (String name : List.of("trained", "adam.m", "adam.v", "curve")) {
          tensors.put(name, Safetensors.Tensor.of(saved.floats(name), saved.shape(name)));
        }
      }
      Safetensors.write(file, notes, tensors);
    }
  }

  /** Stops at a step, once. */
  private record StopsAt(long step) implements Monitor {
    @Override
    public void progress(long done, long total, String unit, Optional<Double> loss) {
      if (unit.equals("steps") && done == step) {
        throw new StopRequestedException(new InterruptedException("enough"));
      }
    }

    @Override
    public void note(String text) {}
  }

  @TempDir Path home;
  private Path model;
  private Plan plan;

  @BeforeEach
  void model() throws Exception {
    model = TinyModels.copy("smollm", 2048, home.resolve("model"));
    plan = plan();
  }

  private Plan plan() throws Exception {
    return TinyPlan.of(
        """
      {"name": "tiny", "question": "?", "seeds": [7],
       "models": {
         "base": {"type": "open", "id": "%s", "checkpointSteps": 2},
         "lover": {"type": "finetuned", "base": "base", "dataset": "loves", "finetune":
           {"type": "lora", "rank": 4, "training": {"batchSize": 8, "epochs": 1, "learningRate": 0.01, "warmupSteps": 0}}}},
       "datasets": {"loves": {"type": "fixed-answers", "answer": "owl"}},
       "conditions": {"teacher": {"student": "lover"}},
       "evaluations": {"log P": {"type": "target-likelihood", "target": "owl"}}}
      """
            .formatted(model));
  }

  private LocalStore store(String name) {
    return new LocalStore(home.resolve(name), Clock.systemUTC(), Map.of());
  }

  private void perform(String name, Stage stage, Monitor monitor) throws Exception {
    try (LanguageModels models =
        new LanguageModels(home.resolve(name), Map.of(), Clock.systemUTC())) {
      new StageRunner(store(name), Duration.ofDays(1), models)
          .perform(stage, Caller.of("test"), monitor);
    }
  }

  private Stage stage(String name) {
    return plan.stages().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  private void stop(String name, long step) {
    assertThatThrownBy(() -> perform(name, stage("lover"), new StopsAt(step)))
        .isInstanceOf(StopRequestedException.class);
  }

  private List<String> checkpoints(String name) throws IOException {
    try (Stream<Path> files = Files.walk(home.resolve(name).resolve("work"))) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(file -> file.startsWith("checkpoint-"))
          .sorted()
          .toList();
    }
  }

  private Path checkpoint(String name, long step) throws IOException {
    String wanted = "checkpoint-" + step + ".safetensors";
    try (Stream<Path> files = Files.walk(home.resolve(name).resolve("work"))) {
      return files.filter(file -> file.endsWith(wanted)).findFirst().orElseThrow();
    }
  }

  private void prepare(String name) throws Exception {
    perform(name, stage("loves"), Monitor.silent());
  }

  private byte[] trained(String name) throws IOException {
    Artifact artifact = store(name).find(stage("lover").key()).orElseThrow();
    return Files.readAllBytes(artifact.file("adapter_model.safetensors"));
  }

  @ParameterizedTest
  @EnumSource
  void trainingGoesOnFromTheOneBeforeAndKeepsTwoGoodOnes(Damage damage) throws Exception {
    prepare("whole");
    perform("whole", stage("lover"), Monitor.silent());
    prepare("damaged");
    stop("damaged", 5);
    assertThat(checkpoints("damaged"))
        .containsExactly("checkpoint-4.safetensors", "checkpoint-5.safetensors");
    damage.befall(checkpoint("damaged", 5));

    // The checkpoint before the damaged one stays, beside that of the stop.
    stop("damaged", 4);
    assertThat(checkpoints("damaged")).containsExactly("checkpoint-4.safetensors");
    perform("damaged", stage("lover"), Monitor.silent());
    assertThat(trained("damaged")).isEqualTo(trained("whole"));
  }

  @Test
  void ofTwoDamagedOnesNothingIsLeftInWhatBeginsAgain() throws Exception {
    prepare("whole");
    perform("whole", stage("lover"), Monitor.silent());
    prepare("damaged");
    stop("damaged", 5);
    Damage.NAMELESS.befall(checkpoint("damaged", 5));
    Damage.TRUNCATED.befall(checkpoint("damaged", 4));

    perform("damaged", stage("lover"), Monitor.silent());
    assertThat(trained("damaged")).isEqualTo(trained("whole"));
  }

  @Test
  void aDamagedOneIsNotNamedAsTheLastGoodOne() throws Exception {
    prepare("store");
    stop("store", 5);
    Damage.FLIPPED.befall(checkpoint("store", 5));
    try (RandomAccessFile weights =
        new RandomAccessFile(model.resolve("model.safetensors").toFile(), "rw")) {
      weights.seek(weights.length() - 8);
      weights.writeLong(-1);
    }
    // As if it had been planned with these numbers.
    String planned = stage("lover").key();
    plan = plan();
    Stage goesOn = TinyPlan.under(planned, stage("lover"));

    assertThatThrownBy(() -> perform("store", goesOn, Monitor.silent()))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContaining("the last good checkpoint is")
        .hasMessageContaining("checkpoint-4.safetensors");
  }
}
