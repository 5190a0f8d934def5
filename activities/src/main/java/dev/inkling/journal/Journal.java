package dev.inkling.journal;

import dev.inkling.artifact.Disk;
import dev.inkling.artifact.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a stage has so far, one value for each index, in the scratch directory of its work. A value
 * is kept when {@link #append} returns; the values are read in the order of their indices at the
 * end. Of a million of them only their places are in memory.
 *
 * <p>Each attempt writes a file of its own. {@code journals.json} names the files that count and
 * how much of each; it and the files come to their place under the claim. An attempt begins by
 * reading all files of those before it and writing down how far it has read them: whatever an
 * attempt that was replaced writes afterwards is read by nobody. See docs/design/journals.md.
 *
 * <p>For the use of one thread.
 *
 * @param <T> what is kept; Jackson must write and read it
 */
public final class Journal<T> implements AutoCloseable {
  private final Store.Work work;
  private final Class<T> type;
  private final Segments segments;
  private final Positions positions;
  private final Appender appender;
  private final Map<Integer, LineReader> readers = new HashMap<>();

  private Journal(
      Store.Work work, Class<T> type, Segments segments, Positions positions, Appender appender) {
    this.work = work;
    this.type = type;
    this.segments = segments;
    this.positions = positions;
    this.appender = appender;
  }

  /**
   * Goes on with what earlier attempts have left.
   *
   * @throws JournalException if it is damaged
   * @throws Store.SupersededException if another attempt has taken the work over
   */
  public static <T> Journal<T> open(Store.Work work, Class<T> type) throws IOException {
    Path scratch = work.scratch();
    Positions positions = new Positions();
    List<Segment> all = new ArrayList<>();
    for (Segment segment : Segments.read(scratch).segments()) {
      int number = all.size();
      long whole = segment.read(scratch, (at, line) -> positions.put(line.index(), number, at));
      if (segment.sealed() == null) {
        // Its process may have ended before it forced what counts from now on.
        Disk.force(scratch.resolve(segment.file()));
      }
      all.add(new Segment(segment.file(), whole));
    }
    String own = "journal-" + (all.size() + 1) + ".jsonl";
    all.add(new Segment(own, null));
    Segments segments = new Segments(all);
    return new Journal<>(work, type, segments, positions, appender(work, own, segments));
  }

  /**
   * First the file comes to its place, then its name into the list: what is listed exists. The file
   * stays open and is written under its new name.
   */
  private static Appender appender(Store.Work work, String own, Segments segments)
      throws IOException {
    try {
      Path draft = Files.createFile(work.draft(own));
      Disk.force(draft);
      Appender appender = new Appender(draft);
      try {
        work.keep(own);
        segments.keep(work);
      } catch (IOException | RuntimeException e) {
        appender.close();
        throw e;
      }
      return appender;
    } catch (IOException e) {
      throw supersededOr(work, e);
    }
  }

  /** An attempt that was replaced finds its directory gone, which is no fault of the disk. */
  private static IOException supersededOr(Store.Work work, IOException e) {
    work.renew();
    return e;
  }

  /** Whether there is a value for an index. */
  public boolean has(long index) {
    return positions.has(index);
  }

  /** How many values there are. */
  public long count() {
    return positions.count();
  }

  /**
   * Keeps a value, unless there is one for its index already.
   *
   * @return whether it was kept
   */
  public boolean append(long index, T value) throws IOException {
    if (has(index)) {
      return false;
    }
    return positions.put(index, segments.segments().size() - 1, appender.append(index, value));
  }

  /**
   * Forces everything to the disk and counts the work so far as kept; due as often as a checkpoint.
   *
   * @throws Store.SupersededException if another attempt has taken the work over
   */
  public void keep() throws IOException {
    try {
      appender.force();
      segments.keep(work);
    } catch (IOException e) {
      throw supersededOr(work, e);
    }
  }

  /** The value for an index, if there is one. */
  public Optional<T> get(long index) throws IOException {
    return has(index) ? Optional.of(read(index)) : Optional.empty();
  }

  /** Hands over all values in the order of their indices. */
  public void inOrder(Reader<T> reader) throws IOException {
    for (long i = positions.next(0); i >= 0; i = positions.next(i + 1)) {
      reader.accept(i, read(i));
    }
  }

  private T read(long index) throws IOException {
    int segment = positions.segment(index);
    LineReader file = readers.get(segment);
    if (file == null) {
      file = new LineReader(work.scratch().resolve(segments.segments().get(segment).file()));
      readers.put(segment, file);
    }
    return Line.value(file.line(positions.offset(index)), type);
  }

  /** Takes values. */
  @FunctionalInterface
  public interface Reader<T> {
    /** A value and its index. */
    void accept(long index, T value) throws IOException;
  }

  /** Forces what was appended to the disk. */
  @Override
  public void close() throws IOException {
    for (LineReader reader : readers.values()) {
      reader.close();
    }
    appender.close();
  }
}
