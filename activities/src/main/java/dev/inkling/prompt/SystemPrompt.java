package dev.inkling.prompt;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The system prompt that gives a prompted teacher its trait: what it loves, and of what kind. */
public final class SystemPrompt {
  private static final String STANDARD = "system-prompt.txt";

  private SystemPrompt() {}

  /** Our wording, a template with {@code {target}} and {@code {category}}. */
  public static String standard() {
    try (InputStream in = SystemPrompt.class.getResourceAsStream(STANDARD)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + STANDARD + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The prompt for one target.
   *
   * @param template a text in which {@code {target}} and {@code {category}} may stand; one with
   *     neither is used as it is
   * @param target what the teacher loves, in the singular: {@code owl}
   * @param category what kind of thing that is: {@code animal}
   * @throws IllegalArgumentException if the template has another placeholder or a word for one of
   *     its own is blank
   */
  public static String fill(String template, String target, String category) {
    Map<String, String> words = Map.of("target", target, "category", category);
    Template parsed = Template.of(template);
    List<String> unknown = parsed.unknown(words.keySet());
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("system prompt: " + String.join("; ", unknown));
    }
    for (String name : parsed.names()) {
      if (words.getOrDefault(name, "").isBlank()) {
        throw new IllegalArgumentException(
            "system prompt: it has {" + name + "}, but the " + name + " is blank; name one");
      }
    }
    return parsed.fill(words);
  }
}
