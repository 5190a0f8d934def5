package dev.inkling.tensor.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.inkling.spec.Compute.Precision;
import dev.inkling.tensor.Safetensors;
import dev.inkling.tensor.Script;
import dev.inkling.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a step depends on, and what it does not. */
class TrainingResumeTest {
  private static final TinyModel TINY = TinyModel.of("gemma3");

  @TempDir Path directory;

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void anAdapterThatIsTrainedOnFromACheckpointEndsInTheSameBytes(Precision precision)
      throws IOException {
    try (Transformer network = TINY.load(precision)) {
      byte[] straight;
      try (Training training = Training.lora(network, dropping(), Steps.spec(), 7)) {
        steps(training, 1, 6);
        straight = bytes(training);
      }
      try (Training training = Training.lora(network, dropping(), Steps.spec(), 7)) {
        steps(training, 1, 3);
        bytes(training);
      }
      try (Training training = Training.lora(network, dropping(), Steps.spec(), 7)) {
        restore(training);
        steps(training, 4, 6);
        assertThat(bytes(training)).isEqualTo(straight);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void allWeightsThatAreTrainedOnFromACheckpointEndInTheSameBytes(Precision precision)
      throws IOException {
    byte[] straight;
    try (Transformer network = TINY.load(precision);
        Training training = Training.full(network, Steps.spec())) {
      steps(training, 1, 3);
      bytes(training);
      steps(training, 4, 6);
      straight = Files.readAllBytes(written(training));
    }
    try (Transformer network = TINY.load(precision);
        Training training = Training.full(network, Steps.spec())) {
      restore(training);
      steps(training, 4, 6);
      assertThat(Files.readAllBytes(written(training))).isEqualTo(straight);
    }
  }

  @Test
  void aCheckpointOfAnotherTrainingIsRefused() throws IOException {
    try (Transformer network = TINY.load(Precision.FLOAT32);
        Training adapter = Training.lora(network, TINY.adapter(), Steps.spec(), 1)) {
      bytes(adapter);
    }
    try (Transformer network = TINY.load(Precision.FLOAT32);
        Training full = Training.full(network, Steps.spec())) {
      assertThatThrownBy(() -> restore(full))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("of another training");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5})
  void theNumberOfCoresChangesNothing(int cores) throws IOException {
    try (Transformer network = TINY.load(Precision.FLOAT32)) {
      assertThat(trainedOn(network, cores)).isEqualTo(trainedOn(network, 1));
    }
  }

  private byte[] trainedOn(Transformer network, int cores) throws IOException {
    List<Sequence> batch =
        Collections.nCopies(6, Steps.batch(TINY)).stream().flatMap(List::stream).toList();
    try (Training training = Training.lora(network, dropping(), Steps.spec(), 1, cores)) {
      for (int step = 1; step <= 3; step++) {
        training.step(batch, 1, Steps.RATE, step, () -> {});
      }
      return bytes(training);
    }
  }

  @Test
  void layersThatAreComputedAgainGiveTheSameGradients() throws IOException {
    try (Transformer network = TINY.load(Precision.FLOAT32)) {
      double[] kept = new double[2];
      for (boolean checkpointing : List.of(false, true)) {
        try (Training training =
            Training.lora(network, dropping(), Steps.spec(checkpointing, 1), 1)) {
          StepResult result = Steps.one(training, TINY, 2, 1);
          if (checkpointing) {
            assertThat(result.loss()).isCloseTo(kept[0], within(1e-6));
            assertThat(result.gradientNorm()).isCloseTo(kept[1], within(1e-5 * kept[1]));
          }
          kept = new double[] {result.loss(), result.gradientNorm()};
        }
      }
    }
  }

  @Test
  void aLossThatIsNoNumberIsReportedAndChangesNothing() throws IOException {
    LoraAdapter broken = TINY.adapter();
    broken.pair(1, Projection.DOWN).b()[0] = Float.NaN;
    try (Transformer network = TINY.load(Precision.FLOAT32);
        Training training = Training.lora(network, broken, Steps.spec(), 1)) {
      byte[] before = bytes(training);
      StepResult result = Steps.one(training, TINY, 2, 1);
      assertThat(result.finite()).isFalse();
      assertThat(result.loss()).isNaN();
      assertThat(bytes(training)).isEqualTo(before);
    }
  }

  @Test
  void aGradientThatIsNoNumberChangesNothing() {
    try (Transformer network = TINY.load(Precision.FLOAT32);
        Script script = network.pages().compile(network.manager(), "training");
        TensorBytes bytes = new TensorBytes(network.manager(), script)) {
      PtNDManager manager = network.manager();
      Trained trained =
          new Trained(
              manager,
              script,
              bytes,
              manager.create(new float[] {1, 2, 3}),
              manager.create(new float[] {1, 0, 2}),
              NumberType.FLOAT32,
              List.of(new long[] {3}));
      NDArray infinite = manager.create(new float[] {1, 1, Float.POSITIVE_INFINITY});
      assertThat(trained.step(manager, infinite, 1, Steps.spec(), 0.1, 1)).isInfinite();
      assertThat(bytes.floats(trained.values())).containsExactly(1, 2, 3);

      NDArray finite = manager.create(new float[] {3, 9, 2});
      // The second is no part of the network, the third counts twice.
      assertThat(trained.step(manager, finite, 1, Steps.spec(), 0.1, 1)).isEqualTo(5);
      assertThat(bytes.floats(trained.values())).doesNotContain(1, 3);
      assertThat(bytes.floats(trained.leaves().getFirst())[1]).isZero();
    }
  }

  @Test
  void tokensOfAnotherVocabularyAndEmptyBatchesAreRefused() {
    try (Transformer network = TINY.load(Precision.FLOAT32);
        Training training = Training.lora(network, TINY.adapter(), Steps.spec(), 1)) {
      List<Sequence> foreign = List.of(new Sequence(new int[] {1, 96, 2}, 1));
      assertThatThrownBy(() -> training.step(foreign, 1, Steps.RATE, 1, () -> {}))
          .hasMessageContaining("token 96 is none of the model's 96");
      assertThatThrownBy(() -> training.step(List.of(), 1, Steps.RATE, 1, () -> {}))
          .hasMessageContaining("at least one row");
      assertThatThrownBy(() -> network.logits(new int[][] {{-1}})).hasMessageContaining("token -1");
    }
  }

  @Test
  void whoIsAskedToStopStopsWithinAStepAndHasChangedNothing() throws IOException {
    List<Sequence> many = Collections.nCopies(2000, Steps.batch(TINY).getFirst());
    try (Transformer network = TINY.load(Precision.FLOAT32);
        Training training = Training.lora(network, TINY.adapter(), Steps.spec(), 1)) {
      byte[] before = bytes(training);
      assertThatThrownBy(
              () ->
                  training.step(
                      many,
                      1,
                      Steps.RATE,
                      1,
                      () -> {
                        throw new IllegalStateException("asked to stop");
                      }))
          .hasMessage("asked to stop");
      assertThat(bytes(training)).isEqualTo(before);
    }
  }

  @Test
  void manyStepsLeaveNoTensorsBehind() {
    try (Transformer network = TINY.load(Precision.FLOAT32);
        Training training = Training.lora(network, dropping(), Steps.spec(), 1)) {
      steps(training, 1, 2);
      int tensors = network.manager().getManagedArrays().size();
      assertThat(tensors).isGreaterThan(3 * 12 + 3 * 10);
      steps(training, 3, 40);
      assertThat(network.manager().getManagedArrays()).hasSize(tensors);
    }
  }

  private static LoraAdapter dropping() {
    LoraAdapter adapter = TINY.adapter();
    LoraSettings settings = adapter.settings();
    return new LoraAdapter(
        new LoraSettings(
            settings.rank(), settings.alpha(), settings.rsLora(), 0.2, settings.targets()),
        adapter.layers());
  }

  private static void steps(Training training, int from, int to) {
    for (int step = from; step <= to; step++) {
      Steps.one(training, TINY, 2, step);
    }
  }

  private byte[] bytes(Training training) throws IOException {
    Path file = directory.resolve("checkpoint");
    Safetensors.write(file, Map.of(), training.state());
    return Files.readAllBytes(file);
  }

  private void restore(Training training) throws IOException {
    try (Safetensors saved = Safetensors.open(directory.resolve("checkpoint"))) {
      training.restore(saved);
    }
  }

  private Path written(Training training) throws IOException {
    Path file = directory.resolve("model.safetensors");
    training.writeWeights(file);
    return file;
  }
}
