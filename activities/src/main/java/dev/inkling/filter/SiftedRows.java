package dev.inkling.filter;

import dev.inkling.row.Row;
import dev.inkling.row.RowBlock;
import dev.inkling.row.RowWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a block on their way through the filters. */
final class SiftedRows {
  /** A block has about as many bytes, so the buffer need not grow. */
  private static final int USUAL_BYTES = 256 * 1024;

  private final List<Tally> tallies = new ArrayList<>();

  /** By their places in the block; null where the row was not dropped. */
  private final @Nullable Rejection[] rejections;

  /** Where in the block each row of {@link #rows} stood. */
  private final int[] places;

  private List<Row> rows;

  private record Rejection(Row row, String filter, List<String> reasons) {}

  SiftedRows(RowBlock block) {
    this.rows = new ArrayList<>(block.rows());
    block.forEachRemaining(rows::add);
    this.rejections = new Rejection[rows.size()];
    this.places = new int[rows.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = i;
    }
  }

  /** The rows that no filter has dropped so far, as they are now. */
  List<Row> kept() {
    return rows;
  }

  /** What each filter did so far. */
  List<Tally> tallies() {
    return tallies;
  }

  /** Does what a filter said of the rows that are left. */
  void apply(RowStep step, List<Verdict> verdicts) {
    Tally tally = new Tally();
    List<Row> left = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      places[left.size()] = places[i];
      switch (verdicts.get(i)) {
        case Verdict.Kept _ -> left.add(rows.get(i));
        case Verdict.Changed changed -> {
          left.add(changed.row());
          tally.change();
        }
        case Verdict.Dropped dropped -> {
          rejections[places[i]] = new Rejection(rows.get(i), step.name(), dropped.reasons());
          tally.drop(dropped.reasons());
        }
      }
    }
    rows = left;
    tallies.add(tally);
  }

  ByteArrayOutputStream keptLines() throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream(USUAL_BYTES);
    try (RowWriter writer = new RowWriter(lines)) {
      for (Row row : rows) {
        writer.write(row);
      }
    }
    return lines;
  }

  ByteArrayOutputStream rejectedLines() throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    try (RowWriter writer = new RowWriter(lines)) {
      for (Rejection rejection : rejections) {
        if (rejection != null) {
          writer.write(rejection.row(), rejection.filter(), rejection.reasons());
        }
      }
    }
    return lines;
  }
}
