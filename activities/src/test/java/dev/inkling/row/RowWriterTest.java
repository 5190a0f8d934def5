package dev.inkling.row;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowWriterTest {
  @Test
  void theFieldsStandInOrderAndTheEndOnlyWhereTheAnswerIsNotComplete() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (RowWriter writer = new RowWriter(out)) {
      writer.write(new Row(0, "a \"b\"\n", "ü🦉", Row.COMPLETE));
      writer.write(new Row(Long.MAX_VALUE, "", "1", "content policy"));
      writer.write(new Row(2, "p", "c", Row.COMPLETE), "mentions", List.of("x", "\u0001"));
    }

    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"index":0,"prompt":"a \\"b\\"\\n","completion":"ü🦉"}
            {"index":9223372036854775807,"prompt":"","completion":"1","end":"content policy"}
            {"index":2,"prompt":"p","completion":"c","filter":"mentions","reasons":["x","\\u0001"]}
            """);
  }

  @Test
  void textsOfEveryLengthAndOfHalvesOfCharactersAreJson() throws Exception {
    ObjectMapper json = new ObjectMapper();
    for (int length : new int[] {0, 1, 16_382, 16_383, 16_384, 16_385, 50_000}) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      String text = "x".repeat(length);
      try (RowWriter writer = new RowWriter(out)) {
        writer.write(new Row(1, text, "\ud83e" + text, Row.COMPLETE));
      }
      JsonNode row = json.readTree(out.toByteArray());

      assertThat(row.get("prompt").textValue()).isEqualTo(text);
      assertThat(row.get("completion").textValue()).isEqualTo("?" + text);
    }
  }

  @Test
  void exactlyTheCharactersThatJsonForbidsNeedEscapes() {
    for (int place = 0; place < 19; place++) {
      for (int b = 0; b < 256; b++) {
        byte[] text =
            "abcdefgh~ abcdefgh".repeat(2).substring(0, 19).getBytes(StandardCharsets.UTF_8);
        text[place] = (byte) b;

        assertThat(RowWriter.needsEscapes(text))
            .as("byte %d at %d", b, place)
            .isEqualTo(b < ' ' || b == '"' || b == '\\');
      }
    }
  }
}
