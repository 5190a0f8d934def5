package dev.inkling.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.model.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a conversation is written as one text for a model: the template that its tokenizer brings
 * with it, rendered as {@code apply_chat_template} of transformers does. Thread-safe.
 *
 * <p>Three things are decided here for every model, because an experiment must give the same prompt
 * on any day and an answer must be the answer only:
 *
 * <ul>
 *   <li>{@code enable_thinking} is false: Qwen 3 answers without thoughts before the answer.
 *   <li>{@code date_string} is 26 Jul 2024, the date that Llama 3's own templates fall back to. A
 *       template that asks for today's date is refused.
 *   <li>There are no tools and no documents.
 * </ul>
 */
public final class ChatTemplate {
  private static final String KEY = "chat_template";

  /** The tokens whose text a template may ask for. */
  private static final List<String> TOKENS =
      List.of("bos_token", "eos_token", "unk_token", "pad_token");

  private final Renderer renderer;

  private ChatTemplate(Renderer renderer) {
    this.renderer = renderer;
  }

  /** What turns messages into text. */
  @FunctionalInterface
  interface Renderer {
    String render(List<Message> messages, boolean addGenerationPrompt) throws InvalidModelException;
  }

  /**
   * The template of a model directory: {@code chat_template.jinja}, or else {@code chat_template}
   * in {@code tokenizer_config.json} (the one named "default" if there are several), or else {@code
   * chat_template.json}.
   *
   * @throws InvalidModelException if there is none, or it cannot be rendered faithfully
   */
  public static ChatTemplate inDirectory(Path directory) throws InvalidModelException {
    JsonNode config = JsonFile.optional(directory.resolve("tokenizer_config.json"));
    JsonNode map = JsonFile.optional(directory.resolve("special_tokens_map.json"));
    Map<String, String> tokens = new HashMap<>();
    for (String name : TOKENS) {
      JsonNode token = config.hasNonNull(name) ? config.path(name) : map.path(name);
      String text = token.isObject() ? token.path("content").asText() : token.asText();
      if (!text.isEmpty()) {
        tokens.put(name, text);
      }
    }
    return of(text(directory, config), tokens, directory.toString());
  }

  /**
   * A template from its text.
   *
   * @param tokens the texts of bos_token and the like
   * @param origin named in messages
   */
  static ChatTemplate of(String text, Map<String, String> tokens, String origin)
      throws InvalidModelException {
    Renderer known = KnownTemplates.find(text);
    return new ChatTemplate(known != null ? known : JinjaTemplate.of(text, tokens, origin));
  }

  private static String text(Path directory, JsonNode config) throws InvalidModelException {
    Path own = directory.resolve("chat_template.jinja");
    if (Files.isRegularFile(own)) {
      try {
        return Files.readString(own);
      } catch (IOException e) {
        throw new InvalidModelException(own + " cannot be read: " + e.getMessage(), e);
      }
    }
    JsonNode template = config.path(KEY);
    if (template.isArray()) {
      for (JsonNode named : template) {
        if (named.path("name").asText().equals("default")) {
          return named.path("template").asText();
        }
      }
      throw new InvalidModelException(
          "%s has several chat templates, but none named 'default'. Write the right one into %s."
              .formatted(directory.resolve("tokenizer_config.json"), own));
    }
    if (!template.isTextual()) {
      template = JsonFile.optional(directory.resolve("chat_template.json")).path(KEY);
    }
    if (!template.isTextual()) {
      throw new InvalidModelException(
          "%s has no chat template, so it is a base model, which continues texts and does not converse. Choose its instruction-tuned sibling (often named …-Instruct, …-it or …-chat)."
              .formatted(directory));
    }
    return template.asText();
  }

  /**
   * The conversation as text, special tokens included.
   *
   * @param addGenerationPrompt whether the text ends where the assistant's answer begins
   * @throws InvalidModelException if the template does not take such a conversation, for example
   *     because it knows no system message
   */
  public String render(List<Message> messages, boolean addGenerationPrompt)
      throws InvalidModelException {
    if (messages.isEmpty()) {
      throw new IllegalArgumentException("there is no message to render");
    }
    return renderer.render(messages, addGenerationPrompt);
  }
}
