package dev.inkling.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptFileTest {
  @TempDir Path directory;

  private Path file(String name, String text) throws Exception {
    return Files.writeString(directory.resolve(name), text);
  }

  private static List<String> read(Path file) throws Exception {
    List<String> prompts = new ArrayList<>();
    try (PromptFile prompt = PromptFile.open(file)) {
      prompt.forEachRemaining(prompts::add);
    }
    return prompts;
  }

  private static AbstractThrowableAssert<?, ?> reading(Path file) {
    return assertThatThrownBy(() -> read(file)).isInstanceOf(InvalidPromptFileException.class);
  }

  @Test
  void aTextFileHasOnePromptOnEachLine() throws Exception {
    assertThat(read(file("p.txt", "one\n\n  \n two, \"quoted\" \r\n{\"prompt\": 3}\n🦉")))
        .containsExactly("one", " two, \"quoted\" ", "{\"prompt\": 3}", "🦉");
    assertThat(read(file("bom", "\uFEFFone\r\n\uFEFFtwo\n"))).containsExactly("one", "\uFEFFtwo");
    assertThat(read(file("feeds.txt", "a\u2028b\u0085c\rd\n")))
        .containsExactly("a\u2028b\u0085c\rd");
  }

  @Test
  void aJsonlFileHasTextsOrObjectsWithAPrompt() throws Exception {
    String lines =
        """
        "one\\ntwo"

        {"id": 7, "prompt": "three \\ud83e\\udd89", "more": {"prompt": "no"}}
        """;
    assertThat(read(file("p.jsonl", lines))).containsExactly("one\ntwo", "three 🦉");
    assertThat(read(file("P.NDJSON", lines))).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"prompt\": \"a\"  | not JSON, from column 15 on; write \"a text\" or {\"prompt\": \"a text\"}",
        "plain words | not JSON, from column 1 on",
        "\"a\" \"b\" | more than one JSON value, or a field that stands there twice",
        "{\"prompt\":\"a\",\"prompt\":\"b\"} | more than one JSON value, or a field that stands there",
        "{\"text\": \"a\"}            | the object has no field \"prompt\"",
        "{\"prompt\": 7}              | a prompt is a text in quotes, not number",
        "[\"a\"]                      | a prompt is a text in quotes, not array",
        "null                         | a prompt is a text in quotes, not null",
        "\" \"                        | the prompt is empty",
        "\"\\ud83e\"                  | the prompt holds half of a surrogate pair"
      })
  void aLineThatHoldsNoPromptIsToldByItsNumber(String line, String message) throws Exception {
    Path file = file("p.jsonl", "\"good\"\n\n" + line + "\n\"after\"\n");

    reading(file).hasMessageStartingWith(file + ", line 3: " + message);
  }

  @Test
  void deepNestingIsRefused() throws Exception {
    reading(file("p.jsonl", "[".repeat(400_000)))
        .hasMessageContaining("line 1: JSON nested too deep");
  }

  @Test
  void whatIsNoUtf8IsToldByItsLine() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("good\n\nbäd\n".getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes("bäd\n".getBytes(StandardCharsets.ISO_8859_1));
    Path latin = Files.write(directory.resolve("latin.txt"), bytes.toByteArray());
    Path wide =
        Files.write(directory.resolve("wide.txt"), "ab\n".getBytes(StandardCharsets.UTF_16LE));

    reading(latin).hasMessage(latin + ", line 4: is not UTF-8 text; save the file as UTF-8");
    reading(wide).hasMessageContaining("line 1: holds the character U+0000; a file in UTF-16");
  }

  @Test
  void promptsBeforeABadLineAreGiven() throws Exception {
    try (PromptFile prompts = PromptFile.open(file("p.jsonl", "\"one\"\nbad\n"))) {
      assertThat(prompts.next()).isEqualTo("one");
      assertThatThrownBy(prompts::hasNext).hasMessageContaining("line 2");
    }
  }

  @Test
  void afterTheLastPromptThereIsNone() throws Exception {
    try (PromptFile prompts = PromptFile.open(file("p.txt", "one\n\n"))) {
      assertThat(prompts.hasNext()).isTrue();
      assertThat(prompts.next()).isEqualTo("one");
      assertThat(prompts.hasNext()).isFalse();
      assertThatThrownBy(prompts::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @Test
  void aFileWithoutPromptsIsRefused() throws Exception {
    reading(file("p.txt", "\n \n"))
        .hasMessageEndingWith("p.txt: holds no prompt; write one on each line");
    reading(file("p.json", "[\"a\"]")).hasMessageContaining("JSON is read line by line");
    reading(directory.resolve("none.txt")).hasMessageEndingWith("there is no such file");
    reading(directory).hasMessageEndingWith("is a directory; name a file");
  }

  @Test
  void anEndlessLineIsRefusedInsteadOfFillingTheMemory() throws Exception {
    String longest = "x".repeat(PromptFile.LONGEST);

    assertThat(read(file("p.txt", longest + "\n"))).containsExactly(longest);
    reading(file("q.txt", "a\n" + longest + "x\n"))
        .hasMessageEndingWith("q.txt, line 2: longer than 1,000,000 bytes");
  }

  @Test
  void aLineThatMovesTheCursorIsQuotedHarmlessly() throws Exception {
    reading(file("p.jsonl", "\u001b[2J\n"))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\u001b"));
  }
}
