package dev.inkling.row;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Cuts JSON lines into blocks of whole lines, about a quarter of a mebibyte each. Memory does not
 * depend on how many rows there are. Blocks are numbered and know their lines' numbers, so that
 * several threads may read the rows of different blocks at the same time; only {@link #next} is for
 * one thread at a time.
 */
public final class RowBlocks implements AutoCloseable {
  /** Large enough that the costs of a block vanish beside those of its rows. */
  private static final int BLOCK_BYTES = 256 * 1024;

  /** A model's longest answer is a few hundred kilobytes; more is probably not JSON lines. */
  private static final int LONGEST_LINE_BYTES = 4 * 1024 * 1024;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final String name;
  private final InputStream in;
  private byte[] bytes = new byte[BLOCK_BYTES];
  private int filled;
  private long blocks;
  private long lines;
  private long rows;
  private long bytesRead;

  /**
   * Reads from a stream, which is closed with this.
   *
   * @param name what messages call it
   */
  public RowBlocks(String name, InputStream in) {
    this.name = name;
    this.in = in;
  }

  /** Reads from a file. */
  public static RowBlocks open(Path file) throws IOException {
    return new RowBlocks(file.toString(), Files.newInputStream(file));
  }

  /**
   * The next block, as long as there is one.
   *
   * @throws RowException if a line is too long
   */
  public Optional<RowBlock> next() throws IOException {
    boolean last = fill();
    int cut = last ? filled : afterLastLine();
    while (cut == 0 && !last) {
      if (filled > LONGEST_LINE_BYTES) {
        throw new RowException(name, lines + 1, "has more than 4 MiB");
      }
      bytes = Arrays.copyOf(bytes, LONGEST_LINE_BYTES + 1);
      last = fill();
      cut = last ? filled : afterLastLine();
    }
    if (filled == 0) {
      return Optional.empty();
    }
    RowBlock block = block(cut);
    System.arraycopy(bytes, cut, bytes, 0, filled - cut);
    filled -= cut;
    return Optional.of(block);
  }

  /** How many bytes were taken from the stream. */
  public long bytesRead() {
    return bytesRead;
  }

  /** Fills the buffer; whether the stream is at its end. */
  private boolean fill() throws IOException {
    int wanted = bytes.length - filled;
    int got = in.readNBytes(bytes, filled, wanted);
    filled += got;
    if (bytesRead == 0 && startsWithMark()) {
      filled -= BYTE_ORDER_MARK.length;
      System.arraycopy(bytes, BYTE_ORDER_MARK.length, bytes, 0, filled);
    }
    bytesRead += got;
    return got < wanted;
  }

  private boolean startsWithMark() {
    int mark = BYTE_ORDER_MARK.length;
    return filled >= mark && Arrays.equals(bytes, 0, mark, BYTE_ORDER_MARK, 0, mark);
  }

  private int afterLastLine() {
    int end = filled;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return end;
  }

  private RowBlock block(int length) {
    RowBlock block = new RowBlock(name, Arrays.copyOf(bytes, length), blocks, lines, rows);
    blocks++;
    lines += block.lines();
    rows += block.rows();
    return block;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
