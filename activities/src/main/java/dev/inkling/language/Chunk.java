package dev.inkling.language;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Questions that make one batch, as the stage's note keeps them.
 *
 * @param tag our name for the batch
 * @param again whether batches before had left these questions over
 * @param ranges the questions' indices, ascending
 * @param reserved what the answers may cost at most
 * @param owners the experiments that want the answers
 * @param since when it was first tried to submit it, ISO 8601
 * @param batch the provider's name for it, once that is known
 * @param taken whether the batch has ended and its answers are in the journal
 */
record Chunk(
    String tag,
    String role,
    boolean again,
    List<Range> ranges,
    Purse.Cost reserved,
    SortedSet<String> owners,
    Optional<String> since,
    Optional<String> batch,
    boolean taken) {
  /** Indices that follow each other. */
  record Range(long first, long last) {}

  Chunk {
    ranges = List.copyOf(ranges);
    owners = new TreeSet<>(owners);
  }

  /** Indices in any order, as ranges. */
  static List<Range> ranges(long[] indices) {
    long[] sorted = indices.clone();
    Arrays.sort(sorted);
    List<Range> ranges = new ArrayList<>();
    for (int from = 0; from < sorted.length; ) {
      int to = from;
      while (to + 1 < sorted.length && sorted[to + 1] == sorted[to] + 1) {
        to++;
      }
      ranges.add(new Range(sorted[from], sorted[to]));
      from = to + 1;
    }
    return ranges;
  }

  boolean has(long index) {
    int low = 0;
    int high = ranges.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Range range = ranges.get(middle);
      if (index < range.first()) {
        high = middle - 1;
      } else if (index > range.last()) {
        low = middle + 1;
      } else {
        return true;
      }
    }
    return false;
  }

  /** How many questions. */
  long count() {
    return ranges.stream().mapToLong(r -> r.last() - r.first() + 1).sum();
  }

  Chunk wantedBy(String owner) {
    SortedSet<String> more = new TreeSet<>(owners);
    more.add(owner);
    return with(more, since, batch, taken);
  }

  Chunk notWantedBy(String owner) {
    SortedSet<String> fewer = new TreeSet<>(owners);
    fewer.remove(owner);
    return with(fewer, since, batch, taken);
  }

  Chunk triedAt(String now) {
    return with(owners, Optional.of(since.orElse(now)), batch, taken);
  }

  Chunk submittedAs(String id) {
    return with(owners, since, Optional.of(id), taken);
  }

  /** As before it was submitted. */
  Chunk notSubmitted() {
    return with(owners, Optional.empty(), Optional.empty(), taken);
  }

  Chunk done() {
    return with(owners, since, batch, true);
  }

  private Chunk with(
      SortedSet<String> wanted, Optional<String> tried, Optional<String> id, boolean ended) {
    return new Chunk(tag, role, again, ranges, reserved, wanted, tried, id, ended);
  }
}
