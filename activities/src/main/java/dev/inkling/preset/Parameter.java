package dev.inkling.preset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.spec.Problem;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Something that whoever uses a preset may choose.
 *
 * @param byDefault what it is otherwise, a text, a number or a list of texts; what is given must be
 *     of the same kind. Without one it is a text that must be given
 * @param meaning what it is, for people
 */
public record Parameter(String name, Optional<JsonNode> byDefault, String meaning) {
  /** Under which name a preset's file declares them: by their names, each with default and is. */
  static final String FIELD = "parameters";

  /**
   * The one that a preset's file declares.
   *
   * @param declared {@code {default: owl, is: what the teacher loves}}, or the default alone
   * @param known the one that it is instead of, whose meaning it keeps where it says none
   */
  static Parameter of(String name, JsonNode declared, Optional<Parameter> known) {
    JsonNode byDefault = declared.isObject() ? declared.path("default") : declared;
    String meaning = known.map(Parameter::meaning).orElse("");
    return new Parameter(
        name,
        Optional.of(byDefault).filter(value -> !value.isNull() && !value.isMissingNode()),
        declared instanceof ObjectNode object && object.has("is")
            ? object.get("is").asText()
            : meaning);
  }

  /** What is wrong with a value that somebody gives. */
  Optional<Problem> problem(JsonNode value) {
    Optional<String> wrong =
        switch (byDefault.orElse(value)) {
          case JsonNode list when list.isArray() -> wrongList(value);
          case JsonNode number when number.isNumber() && byDefault.isPresent() ->
              value.isNumber() ? Optional.empty() : Optional.of("is a number, not " + value);
          default -> wrongText(value);
        };
    return wrong.map(message -> new Problem(name, message + "; for example: " + example()));
  }

  private Optional<String> wrongList(JsonNode value) {
    if (byDefault.isEmpty()) {
      return wrongText(value);
    }
    if (!value.isArray() || value.isEmpty()) {
      return Optional.of("is a list of at least one, not " + value);
    }
    Set<String> there = new HashSet<>();
    for (JsonNode entry : value) {
      Optional<String> wrong = wrongText(entry);
      if (wrong.isPresent()) {
        return wrong;
      }
      if (!there.add(entry.textValue().toLowerCase(Locale.ROOT))) {
        return Optional.of("'" + entry.textValue() + "' stands there twice");
      }
    }
    return Optional.empty();
  }

  private static Optional<String> wrongText(JsonNode value) {
    if (!value.isTextual()) {
      return Optional.of("is a text, not " + value);
    }
    String text = value.textValue();
    return text.isBlank() || !text.equals(text.strip())
        ? Optional.of("'" + text + "' is empty, or begins or ends with a blank")
        : Optional.empty();
  }

  /** That it must be given. */
  Problem missing(String preset) {
    return new Problem(
        name, "the preset '" + preset + "' needs it: " + meaning + ". Give it: " + example());
  }

  /** How it is given on the command line. */
  private String example() {
    String value = byDefault.map(v -> v.isTextual() ? v.textValue() : v.toString()).orElse("VALUE");
    String word = name + "=" + value.replace("\"", "");
    return "--set " + (word.matches("[\\w./=:-]+") ? word : "'" + word + "'");
  }
}
