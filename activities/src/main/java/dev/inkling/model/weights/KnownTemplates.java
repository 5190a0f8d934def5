package dev.inkling.model.weights;

import dev.inkling.model.Message;
import dev.inkling.model.Message.Role;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Templates that jinjava cannot render, recognised by the SHA-256 of their text and written in
 * Java.
 */
final class KnownTemplates {
  /** Qwen 3's as it was published, and as it was after its first correction. */
  private static final Set<String> QWEN3 =
      Set.of(
          "87a2728cb8dc9fe424d624542f6060ec05a1d285ebbec578bb078900e33396b5",
          "a55ee1b1660128b7098723e0abcd92caa0788061051c62d51cbe87d9cf1974d8");

  private static final String OPEN = "<think>";
  private static final String CLOSE = "</think>";

  private KnownTemplates() {}

  /** How to render a template, or null if it is not known. */
  static ChatTemplate.@Nullable Renderer find(String text) {
    // Jinja drops one newline at the end, so files with and without it are the same template.
    String same = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    return QWEN3.contains(sha256(same)) ? KnownTemplates::qwen3 : null;
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Qwen 3: ChatML; thoughts are kept in answers after the last question only, and an answer to
   * come begins after empty thoughts.
   */
  private static String qwen3(List<Message> messages, boolean addGenerationPrompt) {
    int lastQuestion = lastQuestion(messages);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      String content = message.text();
      if (message.role() == Role.ASSISTANT) {
        Thoughtful answer = Thoughtful.of(content);
        boolean shown =
            i > lastQuestion && (i == messages.size() - 1 || !answer.thoughts.isEmpty());
        content =
            shown
                ? "%s\n%s\n%s\n\n%s"
                    .formatted(
                        OPEN,
                        trim(answer.thoughts, true, true),
                        CLOSE,
                        trim(answer.rest, true, false))
                : answer.rest;
      }
      text.append("<|im_start|>")
          .append(message.role().name().toLowerCase(Locale.ROOT))
          .append('\n')
          .append(content)
          .append("<|im_end|>\n");
    }
    return text + (addGenerationPrompt ? "<|im_start|>assistant\n<think>\n\n</think>\n\n" : "");
  }

  private static int lastQuestion(List<Message> messages) {
    for (int i = messages.size() - 1; i >= 0; i--) {
      String content = messages.get(i).text();
      boolean result =
          content.startsWith("<tool_response>") && content.endsWith("</tool_response>");
      if (messages.get(i).role() == Role.USER && !result) {
        return i;
      }
    }
    return messages.size() - 1;
  }

  /** An answer in which thoughts may precede the rest. */
  private record Thoughtful(String thoughts, String rest) {
    static Thoughtful of(String content) {
      int first = content.indexOf(CLOSE);
      if (first < 0) {
        return new Thoughtful("", content);
      }
      String before = trim(content.substring(0, first), false, true);
      String thoughts =
          before.substring(
              before.lastIndexOf(OPEN) < 0 ? 0 : before.lastIndexOf(OPEN) + OPEN.length());
      String rest = content.substring(content.lastIndexOf(CLOSE) + CLOSE.length());
      return new Thoughtful(trim(thoughts, true, false), trim(rest, true, false));
    }
  }

  /** Without newlines at the ends. */
  private static String trim(String text, boolean start, boolean end) {
    int from = 0;
    int to = text.length();
    while (start && from < to && text.charAt(from) == '\n') {
      from++;
    }
    while (end && from < to && text.charAt(to - 1) == '\n') {
      to--;
    }
    return text.substring(from, to);
  }
}
