package dev.inkling.row;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** A block of JSON lines; its rows are read one after the other as they are asked for. */
public final class RowBlock implements Iterator<Row> {
  /** Start, end and number of a line. */
  private static final int PER_ROW = 3;

  private final String file;
  private final byte[] bytes;
  private final long number;
  private final long linesBefore;
  private final long rowsBefore;
  private final RowParser parser = new RowParser();
  private int[] places = new int[PER_ROW * 1024];
  private int rows;
  private int lines;
  private int next;

  RowBlock(String file, byte[] bytes, long number, long linesBefore, long rowsBefore) {
    this.file = file;
    this.bytes = bytes;
    this.number = number;
    this.linesBefore = linesBefore;
    this.rowsBefore = rowsBefore;
    // One character for each byte: Java searches a text many bytes at a time, but not an array.
    String searchable = new String(bytes, StandardCharsets.ISO_8859_1);
    for (int start = 0; start < bytes.length; ) {
      int newline = searchable.indexOf('\n', start);
      int end = newline < 0 ? bytes.length : newline;
      line(start, end);
      start = end + 1;
    }
  }

  /** Notes a line unless it is blank. */
  private void line(int start, int end) {
    lines++;
    int first = start;
    while (first < end && isBlank(bytes[first])) {
      first++;
    }
    if (first == end) {
      return;
    }
    int place = PER_ROW * rows++;
    if (place == places.length) {
      places = Arrays.copyOf(places, 2 * places.length);
    }
    places[place] = start;
    places[place + 1] = end;
    places[place + 2] = lines;
  }

  /** What JSON takes for white space, inside a line. */
  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\r';
  }

  /** Which block of its file this is, from 0. */
  public long number() {
    return number;
  }

  /** How many rows it has. */
  public int rows() {
    return rows;
  }

  /** How many lines it has, the blank ones too. */
  int lines() {
    return lines;
  }

  @Override
  public boolean hasNext() {
    return next < rows;
  }

  /**
   * The next row.
   *
   * @throws RowException if the line is none
   */
  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the block has no more rows");
    }
    int place = PER_ROW * next;
    try {
      return parser.row(bytes, places[place], places[place + 1], rowsBefore + next++);
    } catch (RowParser.WrongRow e) {
      throw new RowException(file, linesBefore + places[place + 2], e.getMessage());
    }
  }
}
