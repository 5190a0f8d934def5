package dev.inkling.language;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inkling.artifact.Disk;
import dev.inkling.artifact.Store;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Writes the requests of one chunk to the disk: a line for each, its index, a space, its body. From
 * these bytes the chunk has its name, so that the same questions of the same stage make the same
 * batch whoever asks them.
 */
final class ChunkWriter implements AutoCloseable {
  /** With index and hyphen a request's name must have 64 characters at most. */
  private static final int TAG_DIGITS = 24;

  private final Store.Work work;
  private final Path draft;
  private final MessageDigest digest;
  private final OutputStream out;
  private long[] indices = new long[64];
  private int count;
  private long bytes;

  /**
   * Begins a chunk.
   *
   * @param stage the key of the stage
   * @param number how many chunks there were before; one that is asked again is another
   */
  ChunkWriter(Store.Work work, String stage, String role, int number) throws IOException {
    this.work = work;
    draft = work.draft("batch.txt");
    Files.createDirectories(draft.getParent());
    digest = sha256();
    digest.update((stage + "\n" + role + "\n" + number + "\n").getBytes(UTF_8));
    out = new BufferedOutputStream(new DigestOutputStream(Files.newOutputStream(draft), digest));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  void add(long index, byte[] body) throws IOException {
    byte[] before = (index + " ").getBytes(UTF_8);
    out.write(before);
    out.write(body);
    out.write('\n');
    bytes += before.length + body.length + 1;
    if (count == indices.length) {
      indices = Arrays.copyOf(indices, 2 * count);
    }
    indices[count++] = index;
  }

  int count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  long[] indices() {
    return Arrays.copyOf(indices, count);
  }

  /**
   * Keeps the requests in the work's scratch directory.
   *
   * @return the chunk's tag
   */
  String keep() throws IOException {
    out.close();
    String tag = HexFormat.of().formatHex(digest.digest()).substring(0, TAG_DIGITS);
    Path named = work.draft(BatchBook.file(tag));
    Files.move(draft, named, StandardCopyOption.REPLACE_EXISTING);
    Disk.force(named);
    work.keep(BatchBook.file(tag));
    return tag;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
