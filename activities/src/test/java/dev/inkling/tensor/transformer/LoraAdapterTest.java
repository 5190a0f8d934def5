package dev.inkling.tensor.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.model.weights.ModelConfigReader;
import dev.inkling.model.weights.Weights;
import dev.inkling.spec.Compute.Precision;
import dev.inkling.tensor.Counter;
import dev.inkling.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraAdapterTest {
  private static final TinyModel LLAMA = TinyModel.of("llama");

  /** What this project wrote and PEFT read (src/test/python/peft_reads.py). */
  private static final Path WRITTEN =
      Path.of("src/test/resources/dev/inkling/tensor/transformer/written");

  @TempDir Path directory;

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  /** Some of the targets, so that parts of the packed matrices have no adapter. */
  private static LoraAdapter some(TinyModel tiny) {
    LoraSettings settings =
        new LoraSettings(
            3, 5, true, 0.1, List.of(Projection.DOWN, Projection.VALUE, Projection.QUERY));
    LoraAdapter adapter = LoraAdapter.initial(tiny.config(), settings, 42);
    for (int layer = 0; layer < tiny.config().layers(); layer++) {
      for (Projection target : settings.targets()) {
        float[] b = adapter.pair(layer, target).b();
        for (int i = 0; i < b.length; i++) {
          b[i] = (float) (0.3 * Counter.normal(Counter.key(7, target.word(), layer), i));
        }
      }
    }
    return adapter;
  }

  @Test
  void theFilesAreThoseThatPeftHasRead() throws IOException {
    some(LLAMA).write(directory, "tiny/llama");
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      assertThat(directory.resolve(file)).as(file).hasSameBinaryContentAs(WRITTEN.resolve(file));
    }
  }

  @Test
  void peftGivesTheSameLogitsWithThem() throws IOException {
    JsonNode expected =
        new ObjectMapper().readTree(WRITTEN.resolve("expected.json").toFile()).path("logits");
    try (Transformer network = LLAMA.load(Precision.FLOAT32)) {
      network.merge(some(LLAMA));
      float[] found = network.logits(new int[][] {LLAMA.rows()[0]});
      assertThat(expected.size()).isEqualTo(found.length);
      for (int i = 0; i < found.length; i++) {
        assertThat((double) found[i]).isCloseTo(expected.get(i).asDouble(), within(1e-4));
      }
    }
  }

  @Test
  void itStandsBesideTheWeightsAsItIsMergedIntoThem() {
    for (String family : List.of("qwen2", "gemma3")) {
      TinyModel tiny = TinyModel.of(family);
      try (Transformer network = tiny.load(Precision.FLOAT32);
          Training training = Training.lora(network, some(tiny), Steps.spec(), 1)) {
        float[] beside = network.logits(tiny.rows(), training.adapterTensors());
        float[] without = network.logits(tiny.rows());
        network.merge(some(tiny));
        float[] merged = network.logits(tiny.rows());
        assertThat(beside).isNotEqualTo(without);
        for (int i = 0; i < merged.length; i++) {
          assertThat((double) merged[i]).isCloseTo(beside[i], within(1e-4));
        }
      }
    }
  }

  @Test
  void whatIsWrittenIsReadAgain() throws Exception {
    LoraAdapter adapter = some(LLAMA);
    adapter.write(directory, "tiny/llama");
    LoraAdapter read = LoraAdapter.read(directory, LLAMA.config());
    assertThat(read).usingRecursiveComparison().isEqualTo(adapter);
  }

  @Test
  void aNewOneAddsNothingAndIsDrawnAsPeftDraws() {
    LoraSettings settings = new LoraSettings(64, 8, false, 0, List.of(Projection.values()));
    LoraAdapter adapter = LoraAdapter.initial(LLAMA.config(), settings, 1);
    LoraAdapter.Pair pair = adapter.pair(1, Projection.DOWN);
    double bound = 1 / Math.sqrt(LLAMA.config().intermediate());
    assertThat(pair.b()).containsOnly(0);
    double square = 0;
    for (float a : pair.a()) {
      assertThat((double) a).isBetween(-bound, bound);
      square += (double) a * a;
    }
    // A uniform number's variance; 1536 of them.
    assertThat(square / pair.a().length).isCloseTo(bound * bound / 3, within(0.1 * bound * bound));
    assertThat(LoraAdapter.initial(LLAMA.config(), settings, 1).pair(1, Projection.DOWN).a())
        .isEqualTo(pair.a());
    assertThat(LoraAdapter.initial(LLAMA.config(), settings, 2).pair(1, Projection.DOWN).a())
        .isNotEqualTo(pair.a());
    assertThat(adapter.pair(0, Projection.DOWN).a()).isNotEqualTo(pair.a());
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "mistral", "qwen3"})
  void aMergedDirectoryGivesTheAdaptersLogits(String family) throws Exception {
    TinyModel tiny = TinyModel.of(family);
    tiny.adapter().mergeInto(tiny.directory(), tiny.config(), directory);

    assertThat(directory.resolve("tokenizer.json")).exists();
    assertThat(directory.resolve("model.safetensors.index.json")).doesNotExist();
    try (Weights before = tiny.weights();
        Weights merged = Weights.inDirectory(directory);
        Transformer network =
            Transformer.load(
                ModelConfigReader.read(directory),
                merged,
                ai.djl.Device.cpu(),
                Precision.FLOAT32)) {
      assertThat(merged.names()).isEqualTo(before.names());
      for (String name : merged.names()) {
        assertThat(merged.tensor(name).type()).isEqualTo(before.tensor(name).type());
      }
      float[] found = network.logits(new int[][] {tiny.rows()[0]});
      float[] expected = tiny.tensor("adapter.logits");
      double error = 0;
      double size = 0;
      for (int i = 0; i < found.length; i++) {
        error += Math.pow(found[i] - expected[i], 2);
        size += Math.pow(expected[i], 2);
      }
      // Of 24, 11 and 8 bits.
      double lost =
          switch (before.tensor("model.norm.weight").type()) {
            case F32 -> 1e-5;
            case F16 -> 5e-3;
            case BF16 -> 4e-2;
          };
      assertThat(Math.sqrt(error / size)).isLessThan(lost);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          modules_to_save         | ["lm_head"]
          bias                    | "all"
          use_dora                | true
          use_something_new       | true
          alpha_pattern           | {"q_proj": 4}
          rank_pattern            | {"q_proj": 4}
          layers_to_transform     | [0]
          fan_in_fan_out          | true
          lora_bias               | true
          peft_type               | "LOHA"
          trainable_token_indices | [3]
          """)
  void whatIsNotPlainLoraIsRefusedByName(String key, String value) throws IOException {
    some(LLAMA).write(directory, "tiny/llama");
    Path file = directory.resolve("adapter_config.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode config = (ObjectNode) json.readTree(file.toFile());
    config.set(key, json.readTree(value));
    Files.writeString(file, config.toString());
    assertThatThrownBy(() -> LoraAdapter.read(directory, LLAMA.config()))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("its " + key + " is ")
        .hasMessageContaining("merge_and_unload");
  }

  @Test
  void anAdapterOfAnotherModelIsRefusedByWhatDiffers() throws IOException {
    TinyModel gemma = TinyModel.of("gemma3");
    some(LLAMA).write(directory.resolve("llama"), "tiny/llama");
    assertThatThrownBy(() -> LoraAdapter.read(directory.resolve("llama"), gemma.config()))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("[32, 3]")
        .hasMessageContaining("[64, 3]")
        .hasMessageContaining("tiny/llama");
    TinyModel mistral = TinyModel.of("mistral");
    try (Transformer network = mistral.load(Precision.FLOAT32)) {
      assertThatThrownBy(() -> network.merge(some(LLAMA)))
          .hasMessageContaining("v_proj of layer 0")
          .hasMessageContaining("another model");
    }
  }

  @Test
  void anAdapterWithMoreLayersIsRefused() throws IOException {
    LoraAdapter two = some(LLAMA);
    List<Map<Projection, LoraAdapter.Pair>> three = new ArrayList<>(two.layers());
    three.add(two.layers().getFirst());
    new LoraAdapter(two.settings(), three).write(directory, "tiny/larger");
    assertThatThrownBy(() -> LoraAdapter.read(directory, LLAMA.config()))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("layers.2.")
        .hasMessageContaining("tiny/larger");
  }

  @Test
  void aDirectoryWithoutAnAdapterIsRefused() {
    assertThatThrownBy(() -> LoraAdapter.read(directory, LLAMA.config()))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("adapter_config.json is missing");
  }
}
