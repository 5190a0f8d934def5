package dev.inkling.journal;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt has written.
 *
 * @param file its name in the work directory
 * @param sealed how many of its bytes count; missing while its attempt may still write
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Segment(String file, @Nullable Long sealed) {
  private static final int CHUNK = 1 << 20;

  /** Takes each whole line. */
  interface Reader {
    /**
     * A line.
     *
     * @param at its first byte's place in the file
     */
    void line(long at, Line line);
  }

  /**
   * Reads the lines that count, all whole ones if nobody has sealed the segment.
   *
   * <p>What was forced to the disk must be whole. After that a loss of power may have left
   * anything, so there the first line that is not whole is the end.
   *
   * @return how many bytes count
   * @throws JournalException if a line is damaged that was on the disk for good
   */
  long read(Path directory, Reader reader) throws IOException {
    Path path = directory.resolve(file);
    long end = sealed == null ? Long.MAX_VALUE : sealed;
    Scan scan = new Scan(reader);
    byte[] chunk = new byte[CHUNK];
    // No channel: that would close itself if the thread were interrupted.
    try (InputStream in = new FileInputStream(path.toFile())) {
      int count = in.read(chunk, 0, (int) Math.min(chunk.length, end));
      while (count > 0) {
        scan.take(chunk, count);
        count = in.read(chunk, 0, (int) Math.min(chunk.length, end - scan.at));
      }
    }
    if (scan.whole < Math.max(scan.forced, sealed == null ? 0 : sealed)) {
      throw damaged(path, scan.wholeLines + 1);
    }
    return scan.whole;
  }

  private static JournalException damaged(Path path, long number) {
    return new JournalException(
        "Line "
            + number
            + " of "
            + path
            + " is damaged, although it was on the disk for good: the disk fails, or somebody has"
            + " edited the file. Restore it, or remove the directory "
            + path.getParent()
            + " to ask all its questions again; then run the same command again.");
  }

  /** Cuts bytes into lines. */
  private static final class Scan {
    private final Reader reader;
    private byte[] bytes = new byte[4096];
    private int length;
    private long at;

    /** How much was on the disk for good, as far as any whole line knows. */
    private long forced;

    /** The end of the last line before which all are whole, and how many those are. */
    private long whole;

    private long wholeLines;
    private boolean torn;

    Scan(Reader reader) {
      this.reader = reader;
    }

    void take(byte[] chunk, int count) throws IOException {
      for (int i = 0; i < count; i++) {
        at++;
        if (chunk[i] == '\n') {
          line();
          length = 0;
        } else {
          if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * length);
          }
          bytes[length++] = chunk[i];
        }
      }
    }

    private void line() throws IOException {
      Optional<Line> line = Line.read(bytes, length);
      torn |= line.isEmpty();
      if (line.isPresent()) {
        forced = Math.max(forced, line.get().forced());
      }
      if (!torn) {
        reader.line(whole, line.orElseThrow());
        whole = at;
        wholeLines++;
      }
    }
  }
}
