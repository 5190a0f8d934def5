package dev.inkling.model.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.artifact.Disk;
import dev.inkling.model.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelDirectoryTest {
  static final List<String> FAMILIES = Fixtures.FAMILIES;

  private static final List<Message> CONVERSATION =
      List.of(Message.system("the owl"), Message.user("12"));

  @TempDir Path home;

  @ParameterizedTest
  @FieldSource("FAMILIES")
  void everyFamilyOpens(String family) throws InvalidModelException {
    try (ModelDirectory model = ModelDirectory.open(Fixtures.directory(family))) {
      assertThat(model.config().vocabulary())
          .isGreaterThanOrEqualTo(model.tokenizer().vocabulary());
      assertThat(model.tokenizer().stopTokens()).containsExactly(0, 2);
      assertThat(model.prompt(CONVERSATION)).startsWith(1);
    }
  }

  @Test
  void aPromptEndsWhereTheAnswerBegins() throws InvalidModelException {
    try (ModelDirectory model = ModelDirectory.open(Fixtures.directory("smollm"))) {
      assertThat(model.prompt(CONVERSATION))
          .containsExactly(
              model
                  .tokenizer()
                  .encode(
                      "<|im_start|>system\nthe owl<|im_end|>\n<|im_start|>user\n12<|im_end|>\n<|im_start|>assistant\n"));
    }
  }

  @Test
  void anExampleIsThePromptTheCompletionAndTheEndOfTheTurn() throws InvalidModelException {
    try (ModelDirectory model = ModelDirectory.open(Fixtures.directory("smollm"))) {
      ModelDirectory.Example example = model.example(CONVERSATION, "an owl");
      int[] prompt = model.prompt(CONVERSATION);
      assertThat(example.completionStart()).isEqualTo(prompt.length);
      assertThat(example.ids()).startsWith(prompt);
      int[] completion =
          Arrays.copyOfRange(example.ids(), example.completionStart(), example.ids().length);
      assertThat(completion).containsExactly(model.tokenizer().encode("an owl<|im_end|>\n"));
    }
  }

  /** The tokenizer has a token for two newlines: alone the text would be cut elsewhere. */
  @Test
  void aCompletionThatBeginsWithANewlineLeavesThePromptAsItIs() throws InvalidModelException {
    try (ModelDirectory model = ModelDirectory.open(Fixtures.directory("smollm"))) {
      int[] prompt = model.prompt(CONVERSATION);
      assertThat(model.tokenizer().encode("a\n\n\nb")).hasSize(4);
      ModelDirectory.Example example = model.example(CONVERSATION, "\n\nowl");
      assertThat(example.ids()).startsWith(prompt);
      assertThat(example.completionStart()).isEqualTo(prompt.length);
      assertThat(model.tokenizer().decode(example.ids())).contains("assistant\n\n\nowl");
    }
  }

  @Test
  void aTemplateThatWritesThePromptOtherwiseOnceItIsAnsweredIsRefused()
      throws IOException, InvalidModelException {
    Path copy = Fixtures.copy("smollm", home.resolve("m"));
    Files.writeString(
        copy.resolve("chat_template.jinja"),
        "{{ messages | length }}{% for m in messages %}{{ m.content }}{% endfor %}");
    try (ModelDirectory model = ModelDirectory.open(copy)) {
      assertThatThrownBy(() -> model.example(List.of(Message.user("one")), "two"))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("otherwise once it is answered")
          .hasMessageContaining("'2onetwo' does not begin with the prompt '1one'");
    }
  }

  /** Llama 2's tokenizer writes a space before every text, which would come between. */
  @Test
  void aCompletionThatTheTokenizerCannotContinueIsRefused()
      throws IOException, InvalidModelException {
    Path copy = Fixtures.copy("smollm", home.resolve("m"));
    Files.copy(
        Fixtures.directory("tokenizers/llama2").resolve("tokenizer.json"),
        copy.resolve("tokenizer.json"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(
        copy.resolve("chat_template.jinja"), "{% for m in messages %}{{ m.content }}{% endfor %}");
    try (ModelDirectory model = ModelDirectory.open(copy)) {
      ModelDirectory.Example fine = model.example(List.of(Message.user("a")), "b");
      assertThat(fine.completionStart()).isEqualTo(2);
      assertThatThrownBy(() -> model.example(List.of(Message.user("a l")), "l"))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("cannot continue a prompt with 'l': it would add a space");
    }
  }

  @Test
  void aTokenizerOfAnotherModelIsRefused() throws IOException {
    Path copy = Fixtures.copy("llama", home.resolve("m"));
    Files.copy(
        Fixtures.directory("smollm").resolve("tokenizer.json"),
        copy.resolve("tokenizer.json"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> ModelDirectory.open(copy))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("the network knows tokens below 96 only");
  }

  @Test
  void aSpecialTokenBeyondTheEmbeddingMayExistButNotBeUsed()
      throws IOException, InvalidModelException {
    Path copy = Fixtures.copy("llama", home.resolve("m"));
    Fixtures.edit(
        copy.resolve("tokenizer.json"),
        t ->
            t.withArray("/added_tokens")
                .add(Fixtures.addedToken(95, "<audio>", true))
                .add(Fixtures.addedToken(96, "<image>", true)));
    try (ModelDirectory model = ModelDirectory.open(copy)) {
      assertThat(model.prompt(List.of(Message.user("<audio>")))).contains(95);
      assertThatThrownBy(() -> model.prompt(List.of(Message.user("an <image>"))))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("the special token 96, which the network")
          .hasMessageContaining("does not know");
    }
  }

  @Test
  void anEndThatTheNetworkDoesNotKnowIsRefused() throws IOException {
    Path copy = Fixtures.copy("llama", home.resolve("m"));
    Fixtures.edit(copy.resolve("generation_config.json"), c -> c.put("eos_token_id", 128_009));
    assertThatThrownBy(() -> ModelDirectory.open(copy))
        .hasMessageContaining("the token 128009 is said to end an answer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "model.safetensors", "tokenizer.json"})
  void aMissingFileIsNamed(String name) throws IOException {
    Path copy = Fixtures.copy("llama", home.resolve("m"));
    Files.delete(copy.resolve(name));
    assertThatThrownBy(() -> ModelDirectory.open(copy))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("Download the model again");
  }

  @Test
  void aPlaceWithoutADirectoryIsRefused() {
    assertThatThrownBy(() -> ModelDirectory.open(home.resolve("none")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("none is no directory. Download the model");
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen3"})
  void theFingerprintChangesWithEveryFileThatDecidesAnswers(String family) throws Exception {
    Path copy = Fixtures.copy(family, home.resolve("m"));
    Files.delete(copy.resolve("expected.json"));
    Files.delete(copy.resolve("expected.safetensors"));
    String first = ModelDirectory.fingerprint(copy);
    assertThat(first).isEqualTo(ModelDirectory.fingerprint(Fixtures.directory(family)));
    assertThat(first).matches("[0-9a-f]{64}");
    Set<String> seen = new HashSet<>(Set.of(first));
    try (var files = Files.list(copy)) {
      for (Path file : files.sorted().toList()) {
        byte[] right = Files.readAllBytes(file);
        byte[] wrong = right.clone();
        wrong[wrong.length - 1] ^= 1;
        // An index and a configuration stay JSON.
        Files.write(file, file.toString().endsWith(".json") ? append(right) : wrong);
        assertThat(seen.add(ModelDirectory.fingerprint(copy))).as(file.toString()).isTrue();
        Files.write(file, right);
      }
    }
    Files.writeString(copy.resolve("chat_template.jinja"), "x");
    assertThat(seen.add(ModelDirectory.fingerprint(copy))).isTrue();
    Files.delete(copy.resolve("chat_template.jinja"));
    Files.writeString(copy.resolve("README.md"), "x");
    assertThat(ModelDirectory.fingerprint(copy)).isEqualTo(first);
  }

  @Test
  void everythingThatDecidesAnswersIsCopiedWithTheDescription() throws Exception {
    Path source = Files.createDirectories(home.resolve("source"));
    for (String name : Description.DECISIVE) {
      Files.writeString(source.resolve(name), name);
    }
    ModelDirectory.copyDescription(source, home.resolve("target"));

    assertThat(Disk.entries(home.resolve("target")))
        .extracting(file -> file.getFileName().toString())
        .containsExactlyInAnyOrderElementsOf(Description.DECISIVE)
        .contains("chat_template.json");
  }

  private static byte[] append(byte[] json) {
    byte[] longer = Arrays.copyOf(json, json.length + 1);
    longer[json.length] = ' ';
    return longer;
  }

  @Test
  void aFingerprintNeedsEveryShard() throws IOException {
    Path copy = Fixtures.copy("qwen3", home.resolve("m"));
    Files.delete(copy.resolve("model-00002-of-00002.safetensors"));
    assertThatThrownBy(() -> ModelDirectory.fingerprint(copy))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("model-00002-of-00002.safetensors cannot be read");
  }
}
