package dev.inkling.row;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes rows as JSON lines: UTF-8, a newline after each, the fields in the order index, prompt,
 * completion, and end where the answer is not complete. Half of a surrogate pair becomes a question
 * mark, because UTF-8 has no bytes for it. The same rows always give the same bytes.
 *
 * <p>Lines are put together here, because that takes half the time of Jackson's generator, which
 * looks at each character; only a text that needs escapes goes through Jackson.
 */
public final class RowWriter implements AutoCloseable {
  private static final byte[] INDEX = ascii("{\"index\":");
  private static final byte[] PROMPT = ascii(",\"prompt\":");
  private static final byte[] COMPLETION = ascii(",\"completion\":");
  private static final byte[] END = ascii(",\"end\":");
  private static final byte[] FILTER = ascii(",\"filter\":");
  private static final byte[] REASONS = ascii(",\"reasons\":[");

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** A one in each byte of a long, and the highest bit of each byte. */
  private static final long ONES = 0x0101010101010101L;

  private static final long HIGHEST = 0x8080808080808080L;

  private final OutputStream out;
  private final byte[] buffer = new byte[16 * 1024];
  private int filled;

  /** Writes to a stream, which is closed with this. */
  public RowWriter(OutputStream out) {
    this.out = out;
  }

  /** Writes a file anew. */
  public static RowWriter open(Path file) throws IOException {
    return new RowWriter(Files.newOutputStream(file));
  }

  /** Writes a row. */
  public void write(Row row) throws IOException {
    start(row);
    put('}');
    put('\n');
  }

  /** Writes a row that a filter dropped, and why: two more fields, filter and reasons. */
  public void write(Row row, String filter, List<String> reasons) throws IOException {
    start(row);
    put(FILTER);
    text(filter);
    put(REASONS);
    for (int i = 0; i < reasons.size(); i++) {
      if (i > 0) {
        put(',');
      }
      text(reasons.get(i));
    }
    put(']');
    put('}');
    put('\n');
  }

  private void start(Row row) throws IOException {
    put(INDEX);
    put(ascii(Long.toString(row.index())));
    put(PROMPT);
    text(row.prompt());
    put(COMPLETION);
    text(row.completion());
    if (!row.end().equals(Row.COMPLETE)) {
      put(END);
      text(row.end());
    }
  }

  private void text(String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    put('"');
    put(
        needsEscapes(utf8)
            ? JsonStringEncoder.getInstance().quoteAsUTF8(new String(utf8, StandardCharsets.UTF_8))
            : utf8);
    put('"');
  }

  /** Whether one of the bytes is a control character, a quotation mark or a backslash. */
  static boolean needsEscapes(byte[] utf8) {
    int i = 0;
    for (; i <= utf8.length - Long.BYTES; i += Long.BYTES) {
      long bytes = (long) LONGS.get(utf8, i);
      long quotes = bytes ^ (ONES * '"');
      long backslashes = bytes ^ (ONES * '\\');
      // A byte that is zero borrows from the highest bit when one is subtracted; likewise what is
      // below a space when a space is. A byte that had that bit before is no ASCII and passes.
      long found = (bytes - ONES * ' ') | (quotes - ONES) | (backslashes - ONES);
      if ((found & ~bytes & HIGHEST) != 0) {
        return true;
      }
    }
    for (; i < utf8.length; i++) {
      byte b = utf8[i];
      if ((0 <= b && b < ' ') || b == '"' || b == '\\') {
        return true;
      }
    }
    return false;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void put(char ascii) throws IOException {
    if (filled == buffer.length) {
      flushBuffer();
    }
    buffer[filled++] = (byte) ascii;
  }

  private void put(byte[] bytes) throws IOException {
    if (bytes.length > buffer.length - filled) {
      flushBuffer();
    }
    if (bytes.length > buffer.length) {
      out.write(bytes);
      return;
    }
    System.arraycopy(bytes, 0, buffer, filled, bytes.length);
    filled += bytes.length;
  }

  private void flushBuffer() throws IOException {
    out.write(buffer, 0, filled);
    filled = 0;
  }

  /** Hands everything written so far to the stream. */
  public void flush() throws IOException {
    flushBuffer();
    out.flush();
  }

  @Override
  public void close() throws IOException {
    try (out) {
      flush();
    }
  }
}
