package dev.inkling.tensor.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Token tables on a device: those of the last call stay, for the next one mostly has the same. */
final class DeviceTables {
  private final NDManager manager;
  private final Map<TokenTable, OnDevice> kept = new LinkedHashMap<>();

  DeviceTables(NDManager manager) {
    this.manager = manager;
  }

  private record OnDevice(NDArray next, NDArray classOf) implements AutoCloseable {
    @Override
    public void close() {
      next.close();
      classOf.close();
    }
  }

  /**
   * The tables of a call and who follows them, in the order of the page's arguments.
   *
   * @param rows for each table the rows that follow it
   * @param states for each table the states of these rows
   */
  record Following(
      List<NDArray> next, List<NDArray> classOf, List<NDArray> rows, List<NDArray> states) {}

  /** What the rows follow; the indexes belong to results, the tables to this. */
  Following following(NDManager results, List<Decoder.Row> rows) {
    Map<TokenTable, List<Integer>> followers = new LinkedHashMap<>();
    for (int r = 0; r < rows.size(); r++) {
      int row = r;
      rows.get(r)
          .choice()
          .table()
          .ifPresent(t -> followers.computeIfAbsent(t, _ -> new ArrayList<>()).add(row));
    }
    keep(followers);
    Following following =
        new Following(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    followers.forEach(
        (table, members) -> {
          OnDevice device = kept.get(table);
          following.next().add(device.next());
          following.classOf().add(device.classOf());
          following.rows().add(results.create(members.stream().mapToLong(r -> r).toArray()));
          following
              .states()
              .add(results.create(members.stream().mapToLong(r -> rows.get(r).state()).toArray()));
        });
    return following;
  }

  private void keep(Map<TokenTable, ?> wanted) {
    if (wanted.isEmpty()) {
      return;
    }
    // Those that are there stay while others are loaded, which may fail.
    for (TokenTable table : wanted.keySet()) {
      if (!kept.containsKey(table)) {
        kept.put(table, load(table));
      }
    }
    Map<TokenTable, OnDevice> left = new LinkedHashMap<>(kept);
    left.keySet().removeAll(wanted.keySet());
    left.values().forEach(OnDevice::close);
    kept.keySet().retainAll(wanted.keySet());
  }

  private OnDevice load(TokenTable table) {
    return new OnDevice(
        manager.create(table.next(), new Shape(table.states(), table.classes())),
        manager.create(
            IntStream.of(table.classOf()).asLongStream().toArray(),
            new Shape(table.classOf().length)));
  }
}
