package dev.inkling.model.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with what tokenizers 0.22.2 does in Python (chat_fixtures.py). */
class TokenizerTest {
  @TempDir Path home;

  private static Path directory(String name) {
    return Fixtures.directory(name.equals("smollm") ? name : "tokenizers/" + name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"smollm", "llama2", "gemma"})
  void textBecomesTheSameTokensAsInPythonAndTextAgain(String name)
      throws IOException, InvalidModelException {
    JsonNode expected =
        new ObjectMapper()
            .readTree(Fixtures.directory("tokenizers").resolve("expected.json").toFile());
    assertThat(expected.path(name)).hasSize(8);
    try (Tokenizer tokenizer = Tokenizer.inDirectory(directory(name))) {
      for (JsonNode one : expected.path(name)) {
        int[] ids = new ObjectMapper().convertValue(one.path("ids"), int[].class);
        String text = one.path("text").asText();
        assertThat(tokenizer.encode(text)).as(text).containsExactly(ids);
        assertThat(tokenizer.decode(ids)).as(text).isEqualTo(one.path("decoded").asText());
      }
    }
  }

  /** What constrained decoding relies on: the bytes of the tokens are the bytes of the text. */
  @ParameterizedTest
  @CsvSource({"smollm,''", "gemma,''", "llama2,' '"})
  void theBytesOfTheTokensAreTheBytesOfTheText(String name, String before)
      throws InvalidModelException {
    String text = "caf\u00e9 owl, the \ud83e\udd89\n\n12\t\u65e5";
    try (Tokenizer tokenizer = Tokenizer.inDirectory(directory(name))) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (int id : tokenizer.encode(text)) {
        bytes.writeBytes(tokenizer.bytes(id));
      }
      assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo(before + text);
    }
  }

  @Test
  void everyByteHasItsTokenAndSpecialTokensHaveNone() throws InvalidModelException {
    for (String name : new String[] {"smollm", "llama2", "gemma"}) {
      try (Tokenizer tokenizer = Tokenizer.inDirectory(directory(name))) {
        Set<Byte> single = new HashSet<>();
        for (int id = 0; id < tokenizer.vocabulary(); id++) {
          if (tokenizer.bytes(id).length == 1) {
            single.add(tokenizer.bytes(id)[0]);
          }
        }
        assertThat(single).as(name).hasSize(256);
        assertThat(tokenizer.bytes(0)).isEmpty();
        assertThat(tokenizer.bytes(2)).isEmpty();
        assertThat(tokenizer.bytes(tokenizer.vocabulary())).isEmpty();
      }
    }
  }

  @Test
  void anAddedTokenThatIsNotSpecialIsText() throws IOException, InvalidModelException {
    Path copy = Fixtures.copy("smollm", home.resolve("m"));
    Fixtures.edit(
        copy.resolve("tokenizer.json"),
        t ->
            t.withArray("/added_tokens")
                .add(Fixtures.addedToken(273, "<\u00abthink\u00bb \u2581>", false)));
    try (Tokenizer tokenizer = Tokenizer.inDirectory(copy)) {
      int[] ids = tokenizer.encode("owl<\u00abthink\u00bb \u2581>");
      assertThat(ids).endsWith(273);
      assertThat(new String(tokenizer.bytes(273), StandardCharsets.UTF_8))
          .isEqualTo("<\u00abthink\u00bb \u2581>");
      assertThat(tokenizer.decode(ids)).isEqualTo("owl<\u00abthink\u00bb \u2581>");
      assertThat(tokenizer.vocabulary()).isEqualTo(274);
    }
  }

  @Test
  void whatEndsAnAnswerIsGatheredFromAllThatSayIt() throws IOException, InvalidModelException {
    Path copy = Fixtures.copy("smollm", home.resolve("m"));
    Fixtures.edit(copy.resolve("generation_config.json"), c -> c.putArray("eos_token_id").add(7));
    Fixtures.edit(copy.resolve("config.json"), c -> c.put("eos_token_id", 9));
    Fixtures.edit(
        copy.resolve("tokenizer_config.json"),
        c -> c.putObject("eos_token").put("content", "<|im_start|>"));
    try (Tokenizer tokenizer = Tokenizer.inDirectory(copy)) {
      assertThat(tokenizer.stopTokens()).containsExactly(1, 7, 9);
    }
    Files.delete(copy.resolve("generation_config.json"));
    Fixtures.edit(copy.resolve("config.json"), c -> c.remove("eos_token_id"));
    Fixtures.edit(copy.resolve("tokenizer_config.json"), c -> c.putNull("eos_token"));
    assertThatThrownBy(() -> Tokenizer.inDirectory(copy))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("does not say which token ends an answer");
  }

  @Test
  void settingsThatCutOrPadTextsAreNotFollowed() throws IOException, InvalidModelException {
    Path copy = Fixtures.copy("smollm", home.resolve("m"));
    Fixtures.edit(
        copy.resolve("tokenizer.json"),
        t ->
            t.set(
                "truncation",
                Fixtures.object(
                    "{\"direction\":\"Right\",\"max_length\":4,\"strategy\":\"LongestFirst\",\"stride\":0}")));
    try (Tokenizer tokenizer = Tokenizer.inDirectory(copy)) {
      assertThat(tokenizer.encode("a".repeat(3000))).hasSize(3000);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"model": {"vocab": {}}}                                                    | names no tokens
          []                                                                          | names no tokens
          {"model": {"vocab": {"a": 0}}                                               | cannot be read
          {"model": {"vocab": {"a": 0}}, "decoder": {"type": "WordPiece"}}            | by [WordPiece], which is not supported
          {"model": {"vocab": {"a": 0}}, "decoder": null}                             | an unnamed decoder
          {"model": {"type": "BPE", "vocab": {"a": 0}}, "decoder": {"type": "ByteLevel"}} | cannot be used
          """)
  void aFileThatIsNoTokenizerIsRefused(String json, String message) throws IOException {
    Files.writeString(home.resolve("tokenizer.json"), json);
    Files.writeString(home.resolve("generation_config.json"), "{\"eos_token_id\": 0}");
    assertThatThrownBy(() -> Tokenizer.inDirectory(home))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("tokenizer.json")
        .hasMessageContaining(message);
  }

  @Test
  void aMissingTokenizerIsNamed() {
    assertThatThrownBy(() -> Tokenizer.inDirectory(home))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("lacks tokenizer.json");
  }
}
