package dev.inkling.filter;

import dev.inkling.row.Row;
import java.util.List;

/** What a filter says of a row. */
public sealed interface Verdict {
  /** The one verdict that the row stays as it is. */
  Verdict KEPT = new Kept();

  /** The row stays as it is. */
  record Kept() implements Verdict {}

  /** The row stays, changed. */
  record Changed(Row row) implements Verdict {}

  /** The row goes; there is at least one reason. */
  record Dropped(List<String> reasons) implements Verdict {
    public Dropped {
      reasons = List.copyOf(reasons);
      if (reasons.isEmpty()) {
        throw new IllegalArgumentException("a row is dropped for a reason");
      }
    }
  }

  /** The row stays, or goes for one reason. */
  static Verdict dropIf(boolean wrong, Dropped dropped) {
    return wrong ? dropped : KEPT;
  }

  /** The verdict that drops a row for one reason. */
  static Dropped dropped(String reason) {
    return new Dropped(List.of(reason));
  }
}
