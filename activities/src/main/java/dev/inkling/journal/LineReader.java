package dev.inkling.journal;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads single lines of a file; those that lie close together with one read. */
final class LineReader implements AutoCloseable {
  private final RandomAccessFile file;
  private byte[] window = new byte[1 << 16];
  private long start;
  private int length;

  LineReader(Path path) throws IOException {
    file = new RandomAccessFile(path.toFile(), "r");
  }

  /** The line that begins at an offset, without its newline. */
  byte[] line(long offset) throws IOException {
    if (offset < start || offset >= start + length) {
      fill(offset);
    }
    int from = (int) (offset - start);
    int to = newline(from);
    if (to < 0) {
      fill(offset);
      from = 0;
      to = newline(0);
    }
    while (to < 0) {
      int before = length;
      window = Arrays.copyOf(window, 2 * window.length);
      fill(offset);
      if (length == before) {
        throw new EOFException("a line has no end");
      }
      to = newline(0);
    }
    return Arrays.copyOfRange(window, from, to);
  }

  private int newline(int from) {
    for (int i = from; i < length; i++) {
      if (window[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private void fill(long offset) throws IOException {
    file.seek(offset);
    start = offset;
    length = 0;
    int count = file.read(window, 0, window.length);
    while (count > 0) {
      length += count;
      count = file.read(window, length, window.length - length);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
