package dev.inkling.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @TempDir Path directory;

  private Path written() throws IOException {
    Path file = directory.resolve("x.safetensors");
    Safetensors.write(
        file,
        Map.of("step", "7"),
        Map.of(
            "weights", Safetensors.Tensor.of(new float[] {1.5f, -2, 3, Float.MIN_VALUE}, 2, 2),
            "count", Safetensors.Tensor.of(new int[] {3, -4}, 2),
            "bytes", Safetensors.Tensor.of(new byte[] {1, 2, (byte) 255}, 3)));
    return file;
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    try (Safetensors file = Safetensors.open(written())) {
      assertThat(file.metadata("step")).isEqualTo("7");
      assertThat(file.shape("weights")).containsExactly(2, 2);
      assertThat(file.floats("weights")).containsExactly(1.5f, -2, 3, Float.MIN_VALUE);
      assertThat(file.ints("count")).containsExactly(3, -4);
    }
  }

  @Test
  void theLayoutIsThatOfTheFormat() throws IOException {
    byte[] bytes = Files.readAllBytes(written());
    int header = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String json = new String(bytes, 8, header, StandardCharsets.UTF_8);

    assertThat(json)
        .contains("\"weights\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[11,27]}");
    assertThat(header % 8).isZero();
    assertThat(bytes).hasSize(8 + header + 27);
  }

  @Test
  void aFlippedBitIsNoticedWhereverItIs() throws IOException {
    Path file = written();
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < bytes.length; i++) {
      byte[] flipped = bytes.clone();
      flipped[i] ^= 1;
      Files.write(file, flipped);

      assertThatThrownBy(() -> Safetensors.open(file))
          .as("byte " + i)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aTornFileIsNoticed() throws IOException {
    Path file = written();
    byte[] bytes = Files.readAllBytes(file);
    for (int length : new int[] {0, 5, 20, bytes.length - 1}) {
      Files.write(file, java.util.Arrays.copyOf(bytes, length));

      assertThatThrownBy(() -> Safetensors.open(file)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aBrokenHeaderIsToldByTheFilesName() throws IOException {
    for (String header :
        new String[] {"{\"weights\": {\"dtype\"", "{\"a\": 1, \"a\": 2}", "\0\0\0\0 "}) {
      byte[] json = header.getBytes(StandardCharsets.UTF_8);
      Path file = directory.resolve("broken.safetensors");
      Files.write(
          file,
          ByteBuffer.allocate(8 + json.length)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(json.length)
              .put(json)
              .array());

      assertThatThrownBy(() -> SafetensorsFile.open(file))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(file + " is no safetensors file, or is damaged")
          .hasMessageNotContaining("Source");
    }
  }
}
