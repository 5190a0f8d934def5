package dev.inkling.evaluate.text;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What an answer counts.
 *
 * @param score 1 or 0 for a hit or none, or the value that is measured; empty where it counts
 *     neither way
 * @param note what is to know of it
 * @param named the listed names that stand in the answer
 */
record Mark(OptionalDouble score, Optional<Note> note, List<String> named) {
  Mark {
    named = List.copyOf(named);
  }

  static Mark of(double score) {
    return new Mark(OptionalDouble.of(score), Optional.empty(), List.of());
  }

  static Mark hit(boolean hit) {
    return of(hit ? 1 : 0);
  }

  /** An answer that has no score. */
  static Mark none(Note why) {
    return new Mark(OptionalDouble.empty(), Optional.of(why), List.of());
  }

  Mark because(Note why) {
    return new Mark(score, Optional.of(why), named);
  }

  Mark naming(List<String> names) {
    return new Mark(score, note, names);
  }
}
