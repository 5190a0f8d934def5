package dev.inkling.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON tree into spec records and collects every problem on the way, so that all are told
 * at once.
 */
public final class SpecReader {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TYPE = "type";

  private final List<Problem> problems = new ArrayList<>();

  private SpecReader() {}

  /**
   * Reads a whole, already expanded document.
   *
   * @throws InvalidSpecException with every problem, including references to names that nothing
   *     defines
   */
  public static ExperimentSpec read(JsonNode document) throws InvalidSpecException {
    SpecReader reader = new SpecReader();
    Object spec = reader.value(document, Shape.of(ExperimentSpec.class), null, "");
    if (spec instanceof ExperimentSpec experiment) {
      reader.problems.addAll(SpecChecks.problems(experiment));
      if (reader.problems.isEmpty()) {
        return experiment;
      }
    }
    throw new InvalidSpecException(reader.problems);
  }

  /** The value, or null after noting why there is none. */
  private @Nullable Object value(JsonNode node, Shape shape, @Nullable Field field, String path) {
    return switch (shape) {
      case Shape.Text _ ->
          node.isTextual() ? text(node.textValue(), field, path) : wrong(node, "a text", path);
      case Shape.Flag _ ->
          node.isBoolean() ? node.booleanValue() : wrong(node, "true or false", path);
      case Shape.Whole whole -> whole(node, whole, field, path);
      case Shape.Real _ ->
          node.isNumber()
              ? inRange(node.doubleValue(), node.doubleValue(), field, path)
              : wrong(node, "a number", path);
      case Shape.Choice choice -> choice(node, choice, path);
      case Shape.Array array -> array(node, array, field, path);
      case Shape.Table table -> table(node, table, field, path);
      case Shape.Fields fields ->
          node.isObject() ? fields(node, fields, path, false) : wrong(node, "an object", path);
      case Shape.OneOf oneOf -> oneOf(node, oneOf, path);
    };
  }

  private @Nullable Object text(String text, @Nullable Field field, String path) {
    if (field != null && !field.pattern().isEmpty() && !Pattern.matches(field.pattern(), text)) {
      return problem(path, "'" + text + "' does not have the form " + field.pattern());
    }
    return text;
  }

  private @Nullable Object whole(
      JsonNode node, Shape.Whole whole, @Nullable Field field, String path) {
    if (!node.isIntegralNumber()) {
      return wrong(node, "a whole number", path);
    }
    boolean isLong = whole.type() == Long.class;
    if (isLong ? !node.canConvertToLong() : !node.canConvertToInt()) {
      return problem(path, node + " is too large a number");
    }
    Object value = isLong ? (Object) node.longValue() : (Object) node.intValue();
    return inRange(value, node.doubleValue(), field, path);
  }

  private @Nullable Object inRange(
      Object value, double number, @Nullable Field field, String path) {
    if (!Double.isFinite(number)) {
      return problem(path, "is too large a number");
    }
    if (field == null || (number >= field.min() && number <= field.max())) {
      return value;
    }
    String bound =
        number < field.min() ? "at least " + plain(field.min()) : "at most " + plain(field.max());
    return problem(path, "must be " + bound + ", got " + value);
  }

  private @Nullable Object choice(JsonNode node, Shape.Choice choice, String path) {
    if (!node.isTextual()) {
      return wrong(node, "one of " + String.join(", ", choice.values().keySet()), path);
    }
    Object value = choice.values().get(node.textValue());
    return value != null
        ? value
        : problem(
            path,
            "'" + node.textValue() + "' is none of " + String.join(", ", choice.values().keySet()));
  }

  private @Nullable Object array(
      JsonNode node, Shape.Array array, @Nullable Field field, String path) {
    if (!node.isArray()) {
      return wrong(node, "a list", path);
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      Object value = value(node.get(i), array.of(), field, path + "[" + i + "]");
      if (value != null) {
        values.add(value);
      }
    }
    return enough(values, node.size(), field, path);
  }

  private @Nullable Object table(
      JsonNode node, Shape.Table table, @Nullable Field field, String path) {
    if (!node.isObject()) {
      return wrong(node, "an object", path);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String name = entry.getKey();
      if (field != null && !field.pattern().isEmpty() && !Pattern.matches(field.pattern(), name)) {
        problem(
            path,
            "'"
                + name
                + "' cannot be a name: letters, digits, spaces and .,:()=+%_- only, at most 80");
        continue;
      }
      Object value = value(entry.getValue(), table.of(), null, join(path, name));
      if (value != null) {
        values.put(name, value);
      }
    }
    return enough(values, node.size(), field, path);
  }

  private @Nullable Object enough(Object values, int size, @Nullable Field field, String path) {
    if (field != null && size < field.minSize()) {
      return problem(
          path,
          "needs at least " + field.minSize() + (field.minSize() == 1 ? " entry" : " entries"));
    }
    return values;
  }

  private @Nullable Object oneOf(JsonNode node, Shape.OneOf oneOf, String path) {
    if (!node.isObject()) {
      return wrong(node, "an object with a type", path);
    }
    String known = String.join(", ", oneOf.kinds().keySet());
    JsonNode type = node.get(TYPE);
    if (type == null && oneOf.untyped().isPresent()) {
      return untyped(node, (Shape.Fields) Shape.of(oneOf.untyped().get()), path, known);
    }
    if (type == null || !type.isTextual()) {
      return problem(path, "type is missing; known: " + known);
    }
    Class<?> kind = oneOf.kinds().get(type.textValue());
    if (kind == null) {
      String suggestion = Suggestion.among(type.textValue(), oneOf.kinds().keySet());
      return problem(join(path, TYPE), "there is no type '" + type.textValue() + "'" + suggestion);
    }
    return fields(node, (Shape.Fields) Shape.of(kind), path, true);
  }

  /** One that needs no type; if its fields are another kind's, perhaps that was meant. */
  private @Nullable Object untyped(JsonNode node, Shape.Fields kind, String path, String known) {
    boolean fits =
        kind.members().stream()
            .filter(m -> !m.optional() && m.field().byDefault().isEmpty())
            .allMatch(m -> node.has(m.name()));
    Object value = fields(node, kind, path, true);
    return fits ? value : problem(path, "was read as one without a type; known: " + known);
  }

  private @Nullable Object fields(JsonNode node, Shape.Fields fields, String path, boolean typed) {
    List<String> known =
        new ArrayList<>(fields.members().stream().map(Shape.Member::name).toList());
    if (typed) {
      known.addFirst(TYPE);
    }
    int before = problems.size();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!known.contains(entry.getKey())) {
        problem(
            join(path, entry.getKey()),
            "there is no field '"
                + entry.getKey()
                + "' here"
                + Suggestion.among(entry.getKey(), known));
      }
    }
    List<@Nullable Object> values = new ArrayList<>();
    for (Shape.Member member : fields.members()) {
      values.add(member(node.get(member.name()), member, path));
    }
    return problems.size() > before ? null : construct(fields.type(), values, path);
  }

  private @Nullable Object member(@Nullable JsonNode given, Shape.Member member, String path) {
    JsonNode node = given == null || given.isNull() ? byDefault(member) : given;
    if (node == null) {
      if (member.optional()) {
        return Optional.empty();
      }
      return problem(
          path,
          member.name()
              + " is missing"
              + (member.field().value().isEmpty() ? "" : ": ")
              + brief(member));
    }
    Object value = value(node, member.shape(), member.field(), join(path, member.name()));
    return member.optional() && value != null ? Optional.of(value) : value;
  }

  private static String brief(Shape.Member member) {
    String doc = member.field().value();
    return doc.endsWith(".") ? doc.substring(0, doc.length() - 1) : doc;
  }

  static @Nullable JsonNode byDefault(Shape.Member member) {
    String json = member.field().byDefault();
    if (json.isEmpty()) {
      return null;
    }
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the default of " + member.name() + " is not JSON", e);
    }
  }

  private @Nullable Object construct(Class<?> type, List<@Nullable Object> values, String path) {
    try {
      Class<?>[] types =
          Arrays.stream(type.getRecordComponents())
              .map(RecordComponent::getType)
              .toArray(Class<?>[]::new);
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values.toArray());
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        return problem(path, refused.getMessage());
      }
      throw new IllegalStateException("cannot make " + type, e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make " + type, e);
    }
  }

  private @Nullable Object wrong(JsonNode node, String expected, String path) {
    String got =
        switch (node.getNodeType()) {
          case OBJECT -> "an object";
          case ARRAY -> "a list";
          case STRING -> "the text '" + node.textValue() + "'";
          case NULL, MISSING -> "nothing";
          case BINARY, BOOLEAN, NUMBER, POJO -> node.toString();
        };
    return problem(path, "must be " + expected + ", got " + got);
  }

  private @Nullable Object problem(String path, String message) {
    problems.add(new Problem(path, message));
    return null;
  }

  static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }
}
