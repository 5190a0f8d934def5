package dev.inkling.tracking;

import dev.inkling.spec.Suggestion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which experiments, or which conditions of them: {@code field operator value}, joined by {@code
 * and}. It becomes a prepared statement; nothing that somebody typed stands in the SQL itself.
 */
public final class Filter {
  private static final Pattern FIELD = Pattern.compile("\\s*([\\p{L}_]+)\\s*");
  private static final Pattern OPERATOR = Pattern.compile("!=|<=|>=|=|<|>|~");
  private static final Pattern VALUE =
      Pattern.compile("\\s*(?:'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+))\\s*");
  private static final Pattern AND = Pattern.compile("(?i)and(?=\\s|$)");
  private static final Pattern TIME =
      Pattern.compile("\\d{4}(-\\d\\d(-\\d\\d(T\\d\\d(:\\d\\d(:\\d\\dZ?)?)?)?)?)?");

  private static final String NEXT =
      "'and' or the end (a value with blanks stands in quotes: condition = 'student (ghost)')";

  /** One test: a field, an operator and what it is compared with. */
  private record Test(FilterField field, String operator, Object value) {}

  private final List<Test> tests;

  private Filter(List<Test> tests) {
    this.tests = List.copyOf(tests);
  }

  /** The filter that takes everything. */
  public static Filter everything() {
    return new Filter(List.of());
  }

  /**
   * Reads a filter.
   *
   * @throws IllegalArgumentException if it is none; the message says what is wrong and where
   */
  public static Filter of(String text) {
    List<Test> tests = new ArrayList<>();
    int at = 0;
    while (true) {
      Matcher field = next(FIELD, text, at, "a field, such as state");
      Matcher operator = next(OPERATOR, text, field.end(), "one of = != < <= > >= ~");
      Matcher value = next(VALUE, text, operator.end(), "a value");
      tests.add(test(field.group(1).toLowerCase(Locale.ROOT), operator.group(), content(value)));
      if (value.end() == text.length()) {
        return new Filter(tests);
      }
      at = next(AND, text, value.end(), NEXT).end();
    }
  }

  private static Matcher next(Pattern pattern, String text, int at, String wanted) {
    Matcher matcher = pattern.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      String rest = text.substring(at).strip();
      throw new IllegalArgumentException(
          "In --where, "
              + (rest.isEmpty() ? "at the end" : "at '" + rest + "'")
              + ": expected "
              + wanted
              + ". For example: --where \"state = done and mean > 0.5\"");
    }
    return matcher;
  }

  private static String content(Matcher value) {
    for (int group = 1; group <= 3; group++) {
      if (value.group(group) != null) {
        return value.group(group);
      }
    }
    throw new IllegalStateException("a value has one of three forms");
  }

  private static Test test(String word, String operator, String value) {
    FilterField field =
        FilterField.of(word)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "In --where: there is no field '"
                            + word
                            + "'"
                            + Suggestion.among(word, FilterField.words())));
    if (!field.kind().operators().contains(operator)) {
      throw new IllegalArgumentException(
          "In --where: "
              + word
              + " is compared with "
              + String.join(" ", field.kind().operators())
              + ", not with "
              + operator);
    }
    return new Test(field, operator, value(field, operator, value));
  }

  private static Object value(FilterField field, String operator, String value) {
    return switch (field.kind()) {
      case TEXT -> operator.equals("~") ? contains(value) : value;
      case STATE -> state(value);
      case TIME -> operator.equals("~") ? contains(value) : time(value);
      case NUMBER -> number(field, value);
    };
  }

  /** The pattern of texts that contain a word, in which no sign of it stands for others. */
  private static String contains(String word) {
    return "%" + word.replaceAll("([\\\\%_])", "\\\\$1") + "%";
  }

  private static String state(String word) {
    List<String> states = Arrays.stream(State.values()).map(State::word).toList();
    if (!states.contains(word)) {
      throw new IllegalArgumentException(
          "In --where: there is no state '" + word + "'" + Suggestion.among(word, states));
    }
    return word;
  }

  private static String time(String value) {
    if (!TIME.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "In --where: '"
              + value
              + "' is no time, or the beginning of one, such as 2026-11-22 or 2026-11-22T08:30");
    }
    return value;
  }

  private static Object number(FilterField field, String value) {
    try {
      return value.matches("-?\\d{1,18}") ? (Object) Long.valueOf(value) : Double.valueOf(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "In --where: " + field.word() + " is a number, and '" + value + "' is none", e);
    }
  }

  /** Whether it speaks of conditions: then those that it takes are told one by one. */
  public boolean ofConditions() {
    return tests.stream().anyMatch(t -> t.field().ofConditions());
  }

  /** The test of everything, in SQL. */
  String sql() {
    return tests.isEmpty()
        ? "1 = 1"
        : tests.stream().map(t -> t.field().sql(t.operator())).collect(Collectors.joining(" and "));
  }

  /** The values of the question marks, in their order. */
  List<Object> values() {
    return tests.stream().map(Test::value).toList();
  }
}
