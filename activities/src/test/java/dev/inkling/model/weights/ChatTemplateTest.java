package dev.inkling.model.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.model.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with what transformers 4.57.6 renders (chat_fixtures.py). */
class ChatTemplateTest {
  private static final Path TEMPLATES = Fixtures.directory("templates");

  /** What transformers renders and we refuse, because the text would lack the system message. */
  private static final Map<String, Set<String>> INCOMPLETE =
      Map.of(
          "llama2",
          Set.of("emptySystem", "lateSystem"),
          "mistral-nemo",
          Set.of("answered", "lateSystem"),
          "mistral-v0.3",
          Set.of("system", "turns", "spaces", "unicode", "numbers", "answered", "lateSystem"));

  private static final List<Message> QUESTION = List.of(Message.user("One?"));

  @TempDir Path home;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "smollm2", "llama2", "llama3", "llama3.1", "llama3.2", "mistral-v0.1", "mistral-v0.3",
        "mistral-nemo", "qwen2", "qwen2.5", "qwen3", "qwen3-first", "qwen3-2507", "gemma3"
      })
  void aPublishedTemplateReadsAsTransformersRendersIt(String name)
      throws IOException, InvalidModelException {
    JsonNode expected = new ObjectMapper().readTree(TEMPLATES.resolve("expected.json").toFile());
    ChatTemplate template = published(name);
    Set<String> incomplete = INCOMPLETE.getOrDefault(name, Set.of());
    SoftAssertions soft = new SoftAssertions();
    for (Map.Entry<String, JsonNode> e : expected.path("rendered").path(name).properties()) {
      List<Message> messages = messages(expected.path("conversations").path(e.getKey()));
      for (boolean prompt : new boolean[] {true, false}) {
        JsonNode text = e.getValue().path(prompt ? "prompt" : "whole");
        String as = e.getKey() + (prompt ? ", to be answered" : "");
        if (text.isTextual() && !incomplete.contains(e.getKey())) {
          soft.assertThatCode(
                  () -> assertThat(template.render(messages, prompt)).isEqualTo(text.asText()))
              .as(as)
              .doesNotThrowAnyException();
        } else {
          soft.assertThatThrownBy(() -> template.render(messages, prompt))
              .as(as)
              .isInstanceOf(InvalidModelException.class)
              .hasMessageContaining(text.isTextual() ? "message '" : text.path("error").asText());
        }
      }
    }
    soft.assertAll();
    assertThat(expected.path("rendered").path(name)).hasSize(13);
    soft.assertAll();
    assertThat(expected.path("rendered").path(name)).hasSize(13);
  }

  private static ChatTemplate published(String name) throws IOException, InvalidModelException {
    return of(Files.readString(TEMPLATES.resolve(name + ".jinja")));
  }

  private static ChatTemplate of(String text) throws InvalidModelException {
    return ChatTemplate.of(
        text,
        Map.of("bos_token", "<s>", "eos_token", "</s>", "pad_token", "<pad>", "unk_token", "<unk>"),
        "the model");
  }

  private static List<Message> messages(JsonNode conversation) {
    List<Message> messages = new ArrayList<>();
    for (JsonNode message : conversation) {
      messages.add(
          new Message(
              Message.Role.valueOf(message.path("role").asText().toUpperCase(Locale.ROOT)),
              message.path("content").asText()));
    }
    return messages;
  }

  /** The same conversation must give the same prompt on every day. */
  @Test
  void noPromptHoldsTodaysDate() throws IOException, InvalidModelException {
    assertThat(published("llama3.2").render(QUESTION, true)).contains("Today Date: 26 Jul 2024\n");
    ChatTemplate today = of("{{ strftime_now('%Y') }}{{ messages[0].content }}");
    assertThatThrownBy(() -> today.render(QUESTION, true))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("the chat template of the model writes today's date (%Y)")
        .hasMessageContaining("chat_template.jinja with a fixed date");
  }

  @Test
  void anAnswerOfQwen3BeginsAfterEmptyThoughts() throws IOException, InvalidModelException {
    assertThat(published("qwen3").render(QUESTION, true))
        .endsWith("<|im_start|>assistant\n<think>\n\n</think>\n\n");
  }

  @Test
  void aTemplateThatIsKnownIsRecognisedWithANewlineAtItsEnd()
      throws IOException, InvalidModelException {
    String qwen3 = Files.readString(TEMPLATES.resolve("qwen3.jinja"));
    assertThat(of(qwen3 + "\n").render(QUESTION, true)).isEqualTo(of(qwen3).render(QUESTION, true));
    assertThatThrownBy(() -> of(qwen3 + " "))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("cannot be rendered faithfully here");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {% for m in messages[::-1] %}{{ m.content }}{% endfor %}                       | a slice with a step, such as [::-1] ([::-1])
          {% if not messages[0].role == 'user' %}x{% endif %}                            | 'not' before a comparison without parentheses (not messages[0].role ==)
          {% if not messages[0].role in ['user'] %}x{% endif %}                          | 'not' before a comparison
          {% if enable_thinking is false %}x{% endif %}                                  | a test for 'is true' or 'is false' (is false)
          {{ messages[0].content.split('?')[-1] }}                                       | the method split
          {% if tools %}x{% endif %}   {% set a = 1 %}{{ messages[0].content }}          | spaces between two tags on a line
          {% for m in messages %}{% if m.x %}a{% else %}b{% endif %}{% else %}c{% endfor %} | 'else' in a loop
          {% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}         | 'if' in a loop's head
          {{ messages[0].role == 'user' }}                                               | a printed condition
          {{ true }}                                                                     | a printed condition
          """)
  void whatWouldBeMisreadIsRefusedByName(String template, String construct) {
    assertThatThrownBy(() -> of(template))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("the chat template of the model has " + construct)
        .hasMessageContaining("Write a chat_template.jinja that says the same without it");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '^',
      quoteCharacter = '`',
      textBlock =
          """
          {{ messages[0].content.title() }}                       ^ cannot be rendered: Cannot find method title
          {% generation %}{{ messages[0].content }}               ^ Unknown tag: generation
          {{ messages[0]['content'] | nofilter }}                 ^ leaves out or changes the message 'One?'
          {{ raise_exception('no system message, please') }}      ^ refuses this conversation: no system message, please
          {{ messages[0].content | tojson }}                      ^ uses the filter tojson
          {{ sep + messages[0].content }}                         ^ writes a value that is not defined
          {% if messages[0]['content'] is string %}{{ messages[0] | items }}{% endif %} ^ uses the filter items
          Hello {{ messages[0].role }}                            ^ leaves out or changes the message 'One?'
          """)
  void whatCannotBeRenderedIsAnErrorAndNotAnEmptyText(String text, String message)
      throws InvalidModelException {
    ChatTemplate template = of(text);
    assertThatThrownBy(() -> template.render(QUESTION, true))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(message);
  }

  @Test
  void theSameConditionInAnotherSpellingIsReadRight() throws InvalidModelException {
    String ends =
        "{{ messages[0].content }}{% if not add_generation_prompt is defined %}undefined{% endif %}"
            + "{% if not a.b is defined %}, no b{% endif %}\n";
    assertThat(of(ends).render(QUESTION, true)).isEqualTo("One?, no b");
  }

  @Test
  void aMessageThatTheTemplateWouldTakeForNoneIsRefused()
      throws IOException, InvalidModelException {
    ChatTemplate llama2 = published("llama2");
    for (String text : List.of("", " ", "False", "true")) {
      assertThatThrownBy(
              () -> llama2.render(List.of(Message.system(text), Message.user("One?")), true))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("with the message '" + text + "'");
    }
  }

  @Test
  void theTemplateIsTheOneOfTheTokenizerOrOfAFileBesideIt()
      throws IOException, InvalidModelException {
    Path config = home.resolve("tokenizer_config.json");
    Fixtures.edit(home.resolve("chat_template.json"), c -> c.put("chat_template", text("json")));
    Fixtures.edit(config, c -> c.putObject("bos_token").put("content", "<b>"));
    assertThat(rendered()).isEqualTo("<b>jsonOne?");
    Fixtures.edit(
        config,
        c ->
            c.putArray("chat_template")
                .add(named("tool_use", text("tools")))
                .add(named("default", text("named"))));
    assertThat(rendered()).isEqualTo("<b>namedOne?");
    Fixtures.edit(config, c -> c.put("chat_template", text("alone")));
    assertThat(rendered()).isEqualTo("<b>aloneOne?");
    Files.writeString(home.resolve("chat_template.jinja"), text("file"));
    assertThat(rendered()).isEqualTo("<b>fileOne?");
  }

  private static String text(String name) {
    return "{{ bos_token }}" + name + "{{ messages[0].content }}";
  }

  private static com.fasterxml.jackson.databind.node.ObjectNode named(String name, String text) {
    return Fixtures.object("{}").put("name", name).put("template", text);
  }

  private String rendered() throws InvalidModelException {
    return ChatTemplate.inDirectory(home).render(QUESTION, true);
  }

  @Test
  void aModelWithoutATemplateIsABaseModel() throws IOException {
    assertThatThrownBy(() -> ChatTemplate.inDirectory(home))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("has no chat template, so it is a base model")
        .hasMessageContaining("Choose its instruction-tuned sibling");
    Fixtures.edit(
        home.resolve("tokenizer_config.json"),
        c -> c.putArray("chat_template").add(named("rag", "x")));
    assertThatThrownBy(() -> ChatTemplate.inDirectory(home))
        .hasMessageContaining("several chat templates, but none named 'default'");
  }
}
