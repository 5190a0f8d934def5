package dev.inkling.provider;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A file of lines, each on the disk before its request is answered. Lines that come while one fsync
 * is under way share the next.
 */
final class Ledger implements AutoCloseable {
  private record Entry(byte[] line, CompletableFuture<Void> written) {}

  private static final Entry END = new Entry(new byte[0], new CompletableFuture<>());

  private final LinkedBlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
  private final FileChannel file;
  private final Thread writer;

  Ledger(Path path) throws IOException {
    file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    writer = Thread.ofPlatform().name("ledger").daemon().start(this::write);
  }

  /** Returns when the line is on the disk. */
  void append(String line) {
    Entry entry =
        new Entry((line + "\n").getBytes(StandardCharsets.UTF_8), new CompletableFuture<>());
    queue.add(entry);
    entry.written().join();
  }

  private void write() {
    boolean open = true;
    while (open) {
      List<Entry> batch = new ArrayList<>();
      try {
        batch.add(queue.take());
        queue.drainTo(batch);
        open = !batch.contains(END);
        ByteBuffer bytes = ByteBuffer.allocate(batch.stream().mapToInt(e -> e.line().length).sum());
        batch.forEach(e -> bytes.put(e.line()));
        bytes.flip();
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        file.force(false);
        batch.forEach(e -> e.written().complete(null));
      } catch (IOException | InterruptedException e) {
        batch.forEach(entry -> entry.written().completeExceptionally(e));
      }
    }
  }

  @Override
  public void close() throws IOException {
    queue.add(END);
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    file.close();
  }
}
