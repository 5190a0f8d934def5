package dev.inkling.prompt;

import dev.inkling.spec.Suggestion;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with placeholders, such as {@code continue {examples}}. Braces around anything but a word
 * stand for themselves, so a text can show JSON.
 *
 * @param parts what follows what
 */
record Template(List<Part> parts) {
  /** Wider than any name that is known, so that a misspelt one is noticed. */
  private static final Pattern PLACEHOLDER =
      Pattern.compile("\\{([\\w\\s.-]*)}", Pattern.UNICODE_CHARACTER_CLASS);

  /** A piece of a template. */
  sealed interface Part {
    /** Text that stays as it is. */
    record Literal(String text) implements Part {}

    /** What a value takes the place of. */
    record Placeholder(String name) implements Part {}
  }

  Template {
    parts = List.copyOf(parts);
  }

  /** Cuts a text into its parts. */
  static Template of(String text) {
    List<Part> parts = new ArrayList<>();
    Matcher matcher = PLACEHOLDER.matcher(text);
    int end = 0;
    while (matcher.find()) {
      parts.add(new Part.Literal(text.substring(end, matcher.start())));
      parts.add(new Part.Placeholder(matcher.group(1)));
      end = matcher.end();
    }
    parts.add(new Part.Literal(text.substring(end)));
    return new Template(parts);
  }

  /** The names of its placeholders, in their order. */
  Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    for (Part part : parts) {
      if (part instanceof Part.Placeholder placeholder) {
        names.add(placeholder.name());
      }
    }
    return names;
  }

  /** For each placeholder that is not among the known ones, what to say of it. */
  List<String> unknown(Set<String> known) {
    return names().stream()
        .filter(name -> !known.contains(name))
        .map(
            name ->
                "there is no placeholder {"
                    + name
                    + "} here"
                    + (known.isEmpty() ? ", nor any other" : Suggestion.among(name, known)))
        .toList();
  }

  /** The text with values in place of the placeholders; values are not searched for more. */
  String fill(Map<String, String> values) {
    StringBuilder filled = new StringBuilder();
    for (Part part : parts) {
      filled.append(
          switch (part) {
            case Part.Literal literal -> literal.text();
            case Part.Placeholder placeholder -> value(placeholder.name(), values);
          });
    }
    return filled.toString();
  }

  private static String value(String name, Map<String, String> values) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("nothing is given for {" + name + "}");
    }
    return value;
  }
}
