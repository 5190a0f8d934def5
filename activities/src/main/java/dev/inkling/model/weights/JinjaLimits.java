package dev.inkling.model.weights;

import dev.inkling.model.Message;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What jinjava silently reads otherwise than Jinja 2 does, found by rendering 182 templates of
 * published models with both. Such a template is refused: a prompt that is nearly right would be
 * the worst outcome.
 *
 * @param text the template, with {@code not x is defined} written as {@code x is not defined},
 *     which means the same and is read right
 * @param boolish whether it compares values with true or false, or looks for text with "not in":
 *     jinjava takes an empty text for false there
 */
record JinjaLimits(String text, boolean boolish, String origin) {
  private static final Pattern COMMENT = Pattern.compile("\\{#.*?#}", Pattern.DOTALL);
  private static final Pattern TAG = Pattern.compile("\\{%[-+]?\\s*(\\w+)");
  private static final Pattern NOT_IS =
      Pattern.compile("\\bnot\\s+([A-Za-z_][\\w.]*)\\s+is\\s+(defined|none|string|mapping)\\b");
  private static final Pattern BOOLISH =
      Pattern.compile("[!=]=\\s*(true|false)\\b|\\bnot\\s+in\\b", Pattern.CASE_INSENSITIVE);

  /** Texts that are no texts to jinjava. */
  private static final Set<String> NO_TEXTS = Set.of("", "true", "false");

  /** The first that is found is named. */
  private static final List<Misread> MISREAD =
      List.of(
          new Misread(
              "a slice with a step, such as [::-1]",
              "\\[[^]\\[{}'\"]*:[^]\\[{}'\"]*:[^]\\[{}'\"]*]"),
          new Misread("the method split", "\\.r?split\\s*\\("),
          new Misread(
              "'not' before a comparison without parentheses",
              "\\bnot\\s+[\\w.\\[\\]'\"]+\\s*(==|!=|<|>|\\bis\\b|\\bin\\b)"),
          new Misread(
              "a test for 'is true' or 'is false'", "(?i)\\bis\\s+(not\\s+)?(true|false)\\b"),
          // A loop over the entries of a tool is never reached, because there are no tools.
          new Misread(
              "'if' in a loop's head",
              "\\{%-?\\s*for\\s[^%]*\\bin\\s+(?!tool)[^%]*\\bif\\b[^%]*%}"),
          new Misread(
              "a printed condition",
              "\\{\\{(?![^}]*\\bif\\b)[^}'\"]*"
                  + "(==|!=|(?<!=)\\b(in|not|is|true|false|none|True|False|None)\\b)[^}]*}}"),
          new Misread("spaces between two tags on a line", "%}[ \\t]+\\{%(?!-)"));

  /** A construct, and how it is recognised. */
  private record Misread(String construct, Pattern pattern) {
    Misread(String construct, String pattern) {
      this(construct, Pattern.compile(pattern));
    }
  }

  static JinjaLimits of(String template, String origin) throws InvalidModelException {
    // Jinja drops one newline at the end.
    String whole =
        template.endsWith("\n") ? template.substring(0, template.length() - 1) : template;
    String text = NOT_IS.matcher(whole).replaceAll("$1 is not $2");
    // Comments go, because they may speak of anything.
    String code = COMMENT.matcher(text).replaceAll("");
    for (Misread misread : MISREAD) {
      Matcher found = misread.pattern().matcher(code);
      if (found.find()) {
        throw refused(origin, misread.construct() + " (" + found.group().strip() + ")");
      }
    }
    loopsWithoutElse(code, origin);
    return new JinjaLimits(text, BOOLISH.matcher(code).find(), origin);
  }

  /** Jinjava does not know what a loop does that finds nothing to do. */
  private static void loopsWithoutElse(String code, String origin) throws InvalidModelException {
    Deque<String> open = new ArrayDeque<>();
    Matcher tag = TAG.matcher(code);
    while (tag.find()) {
      String name = tag.group(1);
      if (name.equals("for") || name.equals("if")) {
        open.push(name);
      } else if (name.equals("endfor") || name.equals("endif")) {
        open.poll();
      } else if (name.equals("else") && "for".equals(open.peek())) {
        throw refused(origin, "'else' in a loop");
      }
    }
  }

  private static InvalidModelException refused(String origin, String construct) {
    return new InvalidModelException(
        "the chat template of %s has %s, which cannot be rendered faithfully here. Write a chat_template.jinja that says the same without it into the directory."
            .formatted(origin, construct));
  }

  /** Refuses messages that this template would misread. */
  void check(List<Message> messages) throws InvalidModelException {
    for (Message message : messages) {
      if (boolish && NO_TEXTS.contains(message.text().strip().toLowerCase(Locale.ROOT))) {
        throw new InvalidModelException(
            "the chat template of %s cannot be rendered faithfully with the message '%s', which it would take for no message. Say more in the message."
                .formatted(origin, message.text()));
      }
    }
  }
}
