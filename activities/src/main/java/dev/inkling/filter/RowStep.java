package dev.inkling.filter;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import dev.inkling.spec.FilterSpec;
import java.util.stream.Stream;

/**
 * A filter in its place.
 *
 * @param name what rejects and summaries call it
 */
record RowStep(String name, RowFilter filter) {

  /** What a spec calls this kind of filter. */
  static String kind(FilterSpec.OfRows spec) {
    return Stream.of(FilterSpec.OfRows.class.getAnnotation(JsonSubTypes.class).value())
        .filter(kind -> kind.value() == spec.getClass())
        .map(JsonSubTypes.Type::name)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(spec.getClass() + " has no name in JSON"));
  }
}
