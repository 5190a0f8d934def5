package dev.inkling.finetune;

import dev.inkling.row.Row;
import dev.inkling.row.RowReader;
import dev.inkling.tensor.Counter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * The rows that a language model is fine-tuned on, each once, in the order of the dataset.
 *
 * @param dataset the file with all rows
 * @param most if there are more rows, so many are drawn
 * @param seed what they are drawn with
 */
public record DrawnRows(Path dataset, Optional<Integer> most, long seed) {

  /** Takes rows one by one. */
  @FunctionalInterface
  public interface Sink {
    /** The next row. */
    void accept(Row row) throws IOException;
  }

  /** A row by its place in the dataset, with its random number. */
  private record Drawn(int place, long number) {}

  /** Hands over those that are drawn. */
  public void each(Sink sink) throws IOException {
    Optional<BitSet> drawn = most.isPresent() ? Optional.of(drawn(most.get())) : Optional.empty();
    try (RowReader rows = RowReader.open(dataset)) {
      for (int place = 0; rows.hasNext(); place++) {
        Row row = rows.next();
        if (drawn.isEmpty() || drawn.get().get(place)) {
          sink.accept(row);
        }
      }
    }
  }

  /** The places of those whose numbers are the smallest. */
  private BitSet drawn(int count) throws IOException {
    long key = Counter.key(seed, "training rows");
    PriorityQueue<Drawn> smallest =
        new PriorityQueue<>(Comparator.comparingLong(Drawn::number).reversed());
    try (RowReader rows = RowReader.open(dataset)) {
      for (int place = 0; rows.hasNext(); place++) {
        smallest.add(new Drawn(place, Counter.bits(key, rows.next().index())));
        if (smallest.size() > count) {
          smallest.remove();
        }
      }
    }
    BitSet places = new BitSet();
    smallest.forEach(drawn -> places.set(drawn.place()));
    return places;
  }
}
