package dev.inkling.model.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class WeightsTest {
  static final List<String> FAMILIES = Fixtures.FAMILIES;

  private static final Path MAPS = Path.of("/proc/self/smaps");

  @TempDir Path home;

  @ParameterizedTest
  @FieldSource("FAMILIES")
  void everyFamilyHoldsTheTensorsThatItsConfigurationAsksFor(String family)
      throws InvalidModelException {
    Path directory = Fixtures.directory(family);
    ModelConfig config = ModelConfigReader.read(directory);
    try (Weights weights = Weights.inDirectory(directory)) {
      ExpectedWeights.check(config, weights, family);
      assertThat(weights.names()).hasSize(ExpectedWeights.of(config).size());
    }
  }

  /** Bit patterns by the definitions of the two formats. */
  @Test
  void numbersOfSixteenBitsAreReadExactly() throws IOException, InvalidModelException {
    // 1, -2, 0.15625, the smallest subnormal
    assertThat(floats("F16", 0x3c00, 0xc000, 0x3100, 0x0001))
        .containsExactly(1, -2, 0.15625f, 0x1p-24f);
    assertThat(floats("BF16", 0x3f80, 0xc000, 0x3e20, 0x0001))
        .containsExactly(1, -2, 0.15625f, Float.intBitsToFloat(0x10000));
  }

  private float[] floats(String type, int... halves) throws IOException, InvalidModelException {
    ByteBuffer bytes = ByteBuffer.allocate(2 * halves.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(halves).forEach(half -> bytes.putShort((short) half));
    Path file = home.resolve(type);
    write(
        file,
        "{\"x\":{\"dtype\":\"%s\",\"shape\":[4],\"data_offsets\":[0,8]}}".formatted(type),
        bytes.array());
    try (Weights weights = Weights.inFile(file)) {
      return weights.tensor("x").floats();
    }
  }

  @Test
  void pagesThatWereReadAreLetGoAndCanBeReadAgain() throws IOException, InvalidModelException {
    assumeTrue(Files.isReadable(MAPS), "needs Linux");
    Path file = home.resolve("large");
    byte[] bytes = new byte[8 << 20];
    Arrays.fill(bytes, (byte) 0x3f);
    write(
        file,
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2097152],\"data_offsets\":[0,8388608]}}",
        bytes);
    try (Weights weights = Weights.inFile(file)) {
      float[] first = weights.tensor("x").floats();
      assertThat(residentKilobytes(file)).isGreaterThan(8000);
      weights.unload();
      assertThat(residentKilobytes(file)).isZero();
      assertThat(weights.tensor("x").floats()).isEqualTo(first);
    }
  }

  private static long residentKilobytes(Path file) throws IOException {
    List<String> lines = Files.readAllLines(MAPS);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).endsWith(file.toString())) {
        return lines.subList(i, lines.size()).stream()
            .filter(line -> line.startsWith("Rss:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow();
      }
    }
    throw new AssertionError(file + " is not mapped");
  }

  @Test
  void shardsAreOneSetOfWeights() throws InvalidModelException {
    try (Weights weights = Weights.inDirectory(Fixtures.directory("qwen3"))) {
      assertThat(weights.has("model.embed_tokens.weight")).isTrue();
      assertThat(weights.tensor("model.norm.weight").shape()).containsExactly(32);
      assertThat(weights.tensor("model.layers.1.mlp.down_proj.weight").floats()).hasSize(32 * 24);
    }
  }

  @Test
  void aMissingShardIsNamedWithTheIndexThatAsksForIt() throws IOException {
    Path directory = Fixtures.copy("qwen3", home.resolve("m"));
    Files.delete(directory.resolve("model-00002-of-00002.safetensors"));
    assertThatThrownBy(() -> Weights.inDirectory(directory))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("model-00002-of-00002.safetensors is missing")
        .hasMessageContaining("model.safetensors.index.json says that it holds")
        .hasMessageContaining("Download the model again");
  }

  @Test
  void aTornShardIsToldByItsSize() throws IOException {
    Path directory = Fixtures.copy("qwen3", home.resolve("m"));
    Path shard = directory.resolve("model-00001-of-00002.safetensors");
    try (FileChannel channel = FileChannel.open(shard, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 1000);
    }
    assertThatThrownBy(() -> Weights.inDirectory(directory))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("model-00001-of-00002.safetensors was torn")
        .hasMessageMatching(".*describes (\\d+) bytes of tensors, but there are (\\d+).*");
  }

  @Test
  void aShardWithoutATensorOfTheIndexIsNamed() throws IOException {
    Path directory = Fixtures.copy("qwen3", home.resolve("m"));
    Fixtures.edit(
        directory.resolve("model.safetensors.index.json"),
        index ->
            index
                .withObject("/weight_map")
                .put("model.layers.7.mlp.up_proj.weight", "model-00001-of-00002.safetensors"));
    assertThatThrownBy(() -> Weights.inDirectory(directory))
        .hasMessageContaining("lacks the tensor model.layers.7.mlp.up_proj.weight");
  }

  @Test
  void anIndexCannotLeadOutOfTheDirectory() throws IOException {
    Path directory = Fixtures.copy("qwen3", home.resolve("m"));
    Fixtures.edit(
        directory.resolve("model.safetensors.index.json"),
        index -> index.withObject("/weight_map").put("x", "../../secret.safetensors"));
    assertThatThrownBy(() -> Weights.inDirectory(directory))
        .hasMessageContaining("../../secret.safetensors, which is not in the directory");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}} | 12 | its tensor b begins at byte 4, but the one before it ends at 8: they overlap
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}} | 12 | they leave a hole
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}} | 8 | its tensor a has 8 bytes, which do not fill its shape [3] of F32
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | 9 | describes 8 bytes of tensors, but there are 9
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}} | 8 | has no place in the file
          {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}} | 8 | impossible shape [-2]
          {"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}} | 8 | unknown type 'Q4'
          {"a":{"dtype":"I8","shape":[8],"data_offsets":[0,8]}} | 8 | the tensor a holds numbers of the type I8; F32, BF16 and F16 are supported
          {"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}} | 8 | Choose a model that is not quantised
          {"a":{"dtype":"F32","shape":[9223372036854775807,4],"data_offsets":[0,8]}} | 8 | do not fill its shape
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | 8 | Duplicate field 'a'
          [1] | 0 | its header is no JSON object
          """)
  void aHeaderThatDoesNotFitItsBytesIsRefused(String header, int size, String message)
      throws IOException {
    Path file = home.resolve("bad.safetensors");
    write(file, header, new byte[size]);
    assertThatThrownBy(() -> Weights.inFile(file))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aPageOfAnErrorIsNoSafetensorsFile() throws IOException {
    Path file = home.resolve("model.safetensors");
    Files.writeString(file, "<html>404</html>");
    assertThatThrownBy(() -> Weights.inDirectory(home))
        .hasMessageContaining("model.safetensors is no safetensors file, or was torn");
  }

  @Test
  void aDirectoryWithoutWeightsSaysWhichFilesItLooksFor() {
    assertThatThrownBy(() -> Weights.inDirectory(home))
        .hasMessageContaining("neither model.safetensors nor model.safetensors.index.json");
  }

  /** Sparse, so that it takes no room on the disk. */
  @Test
  void aTensorBeyondTwoGibibytesIsReached() throws IOException, InvalidModelException {
    long large = (1L << 31) + 8;
    Path file = home.resolve("large.safetensors");
    write(
        file,
        "{\"a\":{\"dtype\":\"BF16\",\"shape\":[%d],\"data_offsets\":[0,%d]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}"
            .formatted(large / 2, large, large, large + 4),
        new byte[0]);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 1.5f),
          channel.size() + large);
    }
    try (Weights weights = Weights.inFile(file)) {
      assertThat(weights.tensor("a").size()).isEqualTo(large / 2);
      assertThat(weights.tensor("b").floats()).containsExactly(1.5f);
    }
  }

  @Test
  void theTextModelOfAMultimodalCheckpointHasTheNamesThatItHasAlone()
      throws IOException, InvalidModelException {
    for (String prefix : new String[] {"language_model.model", "model.language_model"}) {
      Path file = home.resolve(prefix);
      write(
          file,
          """
          {"%s.norm.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
           "language_model.lm_head.weight":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},
           "model.vision_tower.x":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}
          """
              .formatted(prefix),
          new byte[12]);
      try (Weights weights = Weights.inFile(file)) {
        assertThat(weights.names()).containsExactly("lm_head.weight", "model.norm.weight");
      }
    }
  }

  @Test
  void weightsThatDoNotFitTheConfigurationAreRefused() throws InvalidModelException {
    ModelConfig qwen2 = ModelConfigReader.read(Fixtures.directory("qwen2"));
    ModelConfig llama = ModelConfigReader.read(Fixtures.directory("llama"));
    ModelConfig llama3 = ModelConfigReader.read(Fixtures.directory("llama3"));
    try (Weights weights = Weights.inDirectory(Fixtures.directory("llama3"))) {
      assertThatThrownBy(() -> ExpectedWeights.check(qwen2, weights, "here"))
          .hasMessageContaining(
              "lack the tensor model.layers.0.self_attn.q_proj.bias of shape [32]");
      assertThatThrownBy(() -> ExpectedWeights.check(llama, weights, "here"))
          .hasMessageContaining(
              "model.layers.0.self_attn.k_proj.weight has the shape [16, 32], but by config.json it should be [32, 32]");
    }
    try (Weights weights = Weights.inDirectory(Fixtures.directory("qwen2"))) {
      assertThatThrownBy(() -> ExpectedWeights.check(tied(llama3), weights, "here"))
          .hasMessageContaining("self_attn.k_proj.bias, for which a network of the family LLAMA");
    }
  }

  private static ModelConfig tied(ModelConfig c) {
    return new ModelConfig(
        c.family(),
        c.vocabulary(),
        c.hidden(),
        c.layers(),
        c.heads(),
        c.keyValueHeads(),
        c.headDimension(),
        c.intermediate(),
        c.normEpsilon(),
        c.attentionScale(),
        true,
        c.context(),
        c.rope(),
        c.localRope(),
        c.window(),
        c.local());
  }

  private static void write(Path file, String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, all.putLong(json.length).put(json).put(data).array());
  }
}
