package dev.inkling.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowReaderTest {
  private static List<Row> read(byte[] bytes) throws IOException {
    return read(new ByteArrayInputStream(bytes));
  }

  private static List<Row> read(String lines) throws IOException {
    return read(lines.getBytes(StandardCharsets.UTF_8));
  }

  private static List<Row> read(InputStream in) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (RowReader reader = new RowReader("rows.jsonl", in)) {
      reader.forEachRemaining(rows::add);
    }
    return rows;
  }

  @Test
  void rowsWithoutIndexAndEndAreCountedAndComplete() throws Exception {
    String lines =
        """
        {"prompt": "a", "completion": "1"}

        {"completion": "2", "prompt": "b", "index": 17, "end": "truncated"}
        \t\r
        {"prompt": "c", "completion": "3", "tags": {"deep": [1, {"prompt": "no"}]}}""";

    assertThat(read(lines))
        .containsExactly(
            new Row(0, "a", "1", "complete"),
            new Row(17, "b", "2", "truncated"),
            new Row(2, "c", "3", "complete"));
  }

  @Test
  void aChatsPromptIsTheUsersLastMessage() throws Exception {
    String line =
        """
        {"messages": [{"role": "system", "content": "You love owls."}, {"role": "user", "content": "Hi"},\
         {"content": "Hello", "role": "assistant", "name": "x"}, {"role": "user", "content": "Numbers?"},\
         {"role": "assistant", "content": "1, 2"}], "index": 3}
        """;

    assertThat(read(line)).containsExactly(new Row(3, "Numbers?", "1, 2", "complete"));
  }

  @Test
  void aByteOrderMarkAndWindowsLineEndsAreNoContent() throws Exception {
    String lines =
        """
        {"prompt": "a", "completion": "1"}
        {"prompt": "ä🦉", "completion": "2"}
        """;

    assertThat(read("\uFEFF" + lines.replace("\n", "\r\n")))
        .containsExactly(new Row(0, "a", "1", "complete"), new Row(1, "ä🦉", "2", "complete"));
  }

  @Test
  void halfACharacterBecomesAQuestionMark() throws Exception {
    assertThat(read("{\"prompt\": \"\\ud83e\\udd89\", \"completion\": \"owl \\ud83e\"}"))
        .containsExactly(new Row(0, "🦉", "owl ?", "complete"));
  }

  /** Each row: the second line of a file, and what is said of it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"prompt": "a"} | has no completion
          {"completion": "a"} | has no prompt
          {"prompt": 1, "completion": "a"} | prompt is not a text
          {"prompt": null, "completion": "a"} | prompt is not a text
          {"prompt": "a", "completion": "b", "index": -1} | index is not a whole number from 0 on
          {"prompt": "a", "completion": "b", "index": 1.5} | index is not a whole number from 0 on
          {"prompt": "a", "completion": "b", "index": 99999999999999999999} | index is not a whole number from 0 on
          {"prompt": "a", "completion": "b", "prompt": "c"} | has two fields named prompt
          {"prompt": "a", "completion": "b", "end": "x", "end": "y"} | has two fields named end
          {"prompt": "a", "completion": "b", "index": 1, "index": 2} | has two fields named index
          {"prompt": "a", "messages": []} | has both messages and prompt
          {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "prompt": "c"} | has both messages and prompt
          {"messages": []} | the last message is not the assistant's
          {"messages": [{"role": "assistant", "content": "b"}]} | no message is the user's
          {"messages": [{"role": "user", "content": "a"}]} | the last message is not the assistant's
          {"messages": [{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}]} | there is no role 'tool': system, developer, user and assistant are known
          {"messages": [{"role": "user", "content": ["a"]}]} | content is not a text
          {"messages": [{"role": "user"}]} | a message has no content
          {"messages": ["a"]} | a message is not an object with role and content
          {"messages": "a"} | messages is not a list
          ["a", "b"] | is not a JSON object
          {"prompt": "a", "completion": "b"} {"prompt": "c", "completion": "d"} | has something after the row's closing brace
          {"prompt": "a", "completion": "b" | is not JSON: Unexpected end-of-input
          {"prompt": "a" "completion": "b"} | is not JSON: Unexpected character ('"' (code 34))
          prompt: a | is not JSON: Unrecognized token 'prompt'
          """)
  void everyWrongLineIsNamedWithItsMistakeAndWhatARowLooksLike(String line, String problem) {
    assertThatThrownBy(() -> read("{\"prompt\": \"a\", \"completion\": \"1\"}\n" + line + "\n"))
        .isInstanceOf(RowException.class)
        .hasMessageStartingWith("rows.jsonl, line 2: " + problem)
        .hasMessageContaining("A row is one line that looks like {\"prompt\": \"…\"");
  }

  @Test
  void bytesThatAreNotUtf8AreNamedWithTheirPlace() {
    byte[] latin1 = "\n\n{\"prompt\": \"für\"}".getBytes(StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> read(latin1))
        .hasMessageStartingWith("rows.jsonl, line 3: byte 14 is not UTF-8; convert the file");
  }

  @Test
  void aLineOfFourMebibytesIsReadAndALongerOneRefused() throws Exception {
    String frame = "{\"prompt\":\"\",\"completion\":\"\"}";
    String first = "{\"prompt\":\"a\",\"completion\":\"b\"}\n";
    String longest = "x".repeat(4 * 1024 * 1024 - frame.length());
    String line = frame.replace("\"\"}", "\"" + longest + "\"}");

    assertThat(read(first + line + "\n" + first)).hasSize(3);
    assertThat(read(first + line).get(1).completion()).isEqualTo(longest);
    assertThatThrownBy(() -> read(first + line + " \n"))
        .hasMessageStartingWith("rows.jsonl, line 2: has more than 4 MiB");
  }

  @Test
  void manyBlocksAreReadInOrderWithTheirLineNumbers() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      lines.append("{\"prompt\": \"p").append(i).append("\", \"completion\": \"");
      lines.append("é".repeat(i % 200)).append("\"}\n").append(i % 7 == 0 ? "\n" : "");
    }
    List<Row> rows = read(lines.toString());

    assertThat(rows).hasSize(20_000);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i)).isEqualTo(new Row(i, "p" + i, "é".repeat(i % 200), "complete"));
    }
    long line = lines.chars().filter(c -> c == '\n').count() + 1;
    assertThatThrownBy(() -> read(lines + "x"))
        .hasMessageStartingWith("rows.jsonl, line " + line + ": is not JSON");
  }

  @Test
  void aStreamThatGivesFewBytesAtATimeIsReadToItsEnd() throws Exception {
    InputStream halves =
        new SequenceInputStream(
            new ByteArrayInputStream("{\"prompt\": \"a\", \"comp".getBytes(StandardCharsets.UTF_8)),
            new ByteArrayInputStream("letion\": \"b\"}".getBytes(StandardCharsets.UTF_8)));

    assertThat(read(halves)).containsExactly(new Row(0, "a", "b", "complete"));
    assertThat(read("")).isEmpty();
    assertThat(read("\n \n")).isEmpty();
  }

  @Test
  void whatIsWrittenIsReadAgain(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("rows.jsonl");
    List<Row> rows = new ArrayList<>();
    for (char c = 0; c < 0x300; c++) {
      rows.add(
          new Row(c, "\"" + c + "\\", "12345678" + c + "🦉", c % 2 == 0 ? "complete" : "empty"));
    }
    try (RowWriter writer = RowWriter.open(file)) {
      for (Row row : rows) {
        writer.write(row);
      }
    }
    List<Row> again = new ArrayList<>();
    try (RowReader reader = RowReader.open(file)) {
      reader.forEachRemaining(again::add);
    }

    assertThat(again).isEqualTo(rows);
    assertThat(Files.readString(file)).endsWith("}\n");
  }
}
