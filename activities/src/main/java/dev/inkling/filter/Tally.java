package dev.inkling.filter;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts what one filter does; for one thread at a time. */
final class Tally {
  private final Map<String, Long> reasons = new TreeMap<>();
  private long dropped;
  private long changed;

  void drop(List<String> why) {
    dropped++;
    why.forEach(reason -> reasons.merge(reason, 1L, Long::sum));
  }

  void change() {
    changed++;
  }

  void add(Tally other) {
    dropped += other.dropped;
    changed += other.changed;
    other.reasons.forEach((reason, count) -> reasons.merge(reason, count, Long::sum));
  }

  FilterSummary.Step step(String filter) {
    return new FilterSummary.Step(filter, dropped, changed, Collections.unmodifiableMap(reasons));
  }
}
