package dev.inkling.row;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Rows from JSON lines, one at a time, in constant memory. Each line is {@code {"prompt": …,
 * "completion": …}} with an {@code index} and an {@code end} if it has them, or a chat in OpenAI's
 * format, {@code {"messages": [{"role": …, "content": …}, …]}}:
 *
 * <ul>
 *   <li>A chat's completion is its last message, which must be the assistant's; its prompt is the
 *       last message of the user. System messages and earlier turns are left out.
 *   <li>A row without an index gets its place among the rows, from 0.
 *   <li>A row without an end is complete.
 *   <li>Blank lines and other fields are passed over. Half of a surrogate pair, which an answer
 *       ends in that was cut in the middle of an emoji, becomes a question mark.
 * </ul>
 *
 * Anything else is a {@link RowException} that names the file and the line.
 */
public final class RowReader implements Iterator<Row>, AutoCloseable {
  private final RowBlocks blocks;
  private Optional<RowBlock> block = Optional.empty();

  /**
   * Reads from a stream, which is closed with this.
   *
   * @param name what messages call it
   */
  public RowReader(String name, InputStream in) {
    this.blocks = new RowBlocks(name, in);
  }

  private RowReader(RowBlocks blocks) {
    this.blocks = blocks;
  }

  /** Reads from a file. */
  public static RowReader open(Path file) throws IOException {
    return new RowReader(RowBlocks.open(file));
  }

  @Override
  public boolean hasNext() {
    try {
      while (block.isEmpty() || !block.get().hasNext()) {
        block = blocks.next();
        if (block.isEmpty()) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException("there are no more rows");
    }
    return block.orElseThrow().next();
  }

  @Override
  public void close() throws IOException {
    blocks.close();
  }
}
