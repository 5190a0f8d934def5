package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a Java type of a spec record looks like in JSON. The reader and the schema both walk shapes,
 * so they cannot disagree.
 */
sealed interface Shape {

  /** A text. */
  record Text() implements Shape {}

  /** True or false. */
  record Flag() implements Shape {}

  /** A whole number that fits into the Java type. */
  record Whole(Class<?> type) implements Shape {}

  /** A number. */
  record Real() implements Shape {}

  /** One of a few words. */
  record Choice(Map<String, Object> values) implements Shape {}

  /** Entries in order. */
  record Array(Shape of) implements Shape {}

  /** Named entries in order. */
  record Table(Shape of) implements Shape {}

  /** A record's fields. */
  record Fields(Class<?> type, List<Member> members) implements Shape {}

  /**
   * One of several records, told apart by {@code type}.
   *
   * @param untyped which one is meant where no type stands, if one is
   */
  record OneOf(Map<String, Class<?>> kinds, Optional<Class<?>> untyped) implements Shape {}

  /** A field of a record. */
  record Member(String name, Field field, boolean optional, Shape shape) {}

  static Shape of(Type type) {
    if (type instanceof ParameterizedType p) {
      Type[] args = p.getActualTypeArguments();
      return p.getRawType() == Map.class ? new Table(of(args[1])) : new Array(of(args[0]));
    }
    Class<?> c = (Class<?>) type;
    if (c == String.class) {
      return new Text();
    } else if (c == boolean.class) {
      return new Flag();
    } else if (c == int.class || c == Integer.class || c == Long.class) {
      return new Whole(c);
    } else if (c == double.class || c == Double.class) {
      return new Real();
    } else if (c.isEnum()) {
      return new Choice(words(c));
    } else if (c.isSealed()) {
      return new OneOf(kinds(c), untyped(c));
    } else if (c.isRecord()) {
      return new Fields(c, members(c));
    }
    throw new IllegalArgumentException("no shape for " + type);
  }

  private static List<Member> members(Class<?> record) {
    List<Member> members = new ArrayList<>();
    for (RecordComponent component : record.getRecordComponents()) {
      Type type = component.getGenericType();
      boolean optional = component.getType() == Optional.class;
      if (optional) {
        type = ((ParameterizedType) type).getActualTypeArguments()[0];
      }
      members.add(
          new Member(
              component.getName(), component.getAnnotation(Field.class), optional, of(type)));
    }
    return members;
  }

  private static Map<String, Object> words(Class<?> type) {
    Map<String, Object> words = new LinkedHashMap<>();
    for (Object constant : type.getEnumConstants()) {
      try {
        words.put(
            type.getField(((Enum<?>) constant).name()).getAnnotation(JsonProperty.class).value(),
            constant);
      } catch (NoSuchFieldException e) {
        throw new LinkageError("an enum constant without its field", e);
      }
    }
    return words;
  }

  private static Optional<Class<?>> untyped(Class<?> sealed) {
    return Optional.ofNullable(sealed.getAnnotation(JsonTypeInfo.class))
        .<Class<?>>map(JsonTypeInfo::defaultImpl)
        .filter(kind -> kind != JsonTypeInfo.class);
  }

  private static Map<String, Class<?>> kinds(Class<?> sealed) {
    Map<String, Class<?>> kinds = new LinkedHashMap<>();
    for (JsonSubTypes.Type t : sealed.getAnnotation(JsonSubTypes.class).value()) {
      if (t.value().isSealed()) {
        kinds.putAll(kinds(t.value()));
      } else {
        kinds.put(t.name(), t.value());
      }
    }
    return kinds;
  }
}
