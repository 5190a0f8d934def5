package dev.inkling.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What the reader and the JSON Schema say of one field of a spec record. A field without a default
 * that is not an {@link java.util.Optional} is required.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Field {
  /** One sentence for people: what the field means, with its unit. */
  String value();

  /** The value when the field is left out, as JSON; empty means that there is none. */
  String byDefault() default "";

  /** The smallest number allowed. */
  double min() default Double.NEGATIVE_INFINITY;

  /** The largest number allowed. */
  double max() default Double.POSITIVE_INFINITY;

  /** The fewest entries of a list or map. */
  int minSize() default 0;

  /** A regular expression for a text, or for the keys of a map. */
  String pattern() default "";
}
