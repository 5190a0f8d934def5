package dev.inkling.model.hub;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * A file on its way: what has come lies on the disk, and its hash is computed as it comes. One that
 * another process has left is read first, and then goes on.
 */
final class Part implements Sink, AutoCloseable {
  private final HubFile file;
  private final Meter meter;
  private final FileChannel channel;
  private MessageDigest digest;
  private long size;
  private boolean open = true;

  private Part(HubFile file, Meter meter, FileChannel channel) {
    this.file = file;
    this.meter = meter;
    this.channel = channel;
    this.digest = fresh();
  }

  /** Opens what is there of a file, or an empty one. */
  static Part open(Path path, HubFile file, Meter meter) throws IOException {
    Files.createDirectories(path.getParent());
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Part part = new Part(file, meter, channel);
    try {
      part.readAgain();
      return part;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private MessageDigest fresh() {
    return file.sha256().isPresent() ? Hashes.sha256() : Hashes.blob(file.size());
  }

  private void readAgain() throws IOException {
    empty(false);
    if (channel.size() > file.size()) {
      channel.truncate(0);
    }
    ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
    channel.position(0);
    while (size < channel.size() && channel.read(buffer) >= 0) {
      count(buffer.flip());
      buffer.clear();
      meter.beat();
    }
  }

  private void count(ByteBuffer bytes) {
    size += bytes.remaining();
    meter.add(bytes.remaining());
    digest.update(bytes);
  }

  private void empty(boolean onDisk) throws IOException {
    meter.add(-size);
    size = 0;
    digest = fresh();
    if (onDisk) {
      channel.truncate(0);
      channel.position(0);
    }
  }

  @Override
  public synchronized long offset() {
    return size;
  }

  @Override
  public synchronized void begin(int status, HttpHeaders headers) throws IOException {
    checkOpen();
    boolean goesOn =
        status == 206
            && headers
                .firstValue("content-range")
                .map(range -> range.startsWith("bytes " + size + "-"))
                .orElse(false);
    if (!goesOn && size > 0) {
      empty(true);
      if (status == 206) {
        throw new ProtocolException("the server sent another part than it was asked for");
      }
    }
  }

  @Override
  public synchronized void take(byte[] bytes) throws IOException {
    checkOpen();
    if (size + bytes.length > file.size()) {
      throw new ProtocolException("the server sent more than the file has");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    count(buffer.flip());
  }

  /** Whoever waited has given up, and may have left the file to another process. */
  private void checkOpen() throws IOException {
    if (!open) {
      throw new ProtocolException("nobody waits for it any more");
    }
  }

  synchronized boolean whole() {
    return size == file.size();
  }

  /** Whether the bytes are those that were promised; asked once, when it is whole. */
  synchronized boolean right() {
    return Hashes.hex(digest).equals(file.etag());
  }

  /** Begins anew. */
  synchronized void discard() throws IOException {
    empty(true);
  }

  @Override
  public synchronized void close() throws IOException {
    open = false;
    channel.close();
  }
}
