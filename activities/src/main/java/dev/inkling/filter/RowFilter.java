package dev.inkling.filter;

import dev.inkling.row.Row;
import java.util.List;

/** Says which rows stay, which change and which go. */
@FunctionalInterface
public interface RowFilter {
  /** The verdict on a row. */
  Verdict judge(Row row);

  /**
   * The verdicts on some rows that follow each other, in their order. A filter that has to wait for
   * its verdicts asks for all of them at once here.
   */
  default List<Verdict> judge(List<Row> rows) {
    return rows.stream().map(this::judge).toList();
  }

  /**
   * Whether the verdict on a row depends on the rows before it. Such a filter sees all rows in
   * their order, from one thread at a time; another one sees rows in any order from several threads
   * at the same time.
   */
  default boolean remembers() {
    return false;
  }
}
