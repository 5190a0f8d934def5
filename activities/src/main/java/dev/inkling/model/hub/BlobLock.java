package dev.inkling.model.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Lets one process, and one thread in it, fetch a file at a time. It saves work and is not what
 * keeps the cache right: that is the hash that is compared before a file gets its name.
 */
final class BlobLock implements AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

  private final FileChannel channel;
  private final FileLock lock;

  private BlobLock(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /** Waits for the others. */
  static BlobLock take(Path file, Meter meter) throws IOException, InterruptedException {
    Files.createDirectories(file.getParent());
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean told = false;
    try {
      while (true) {
        FileLock lock = attempt(channel);
        if (lock != null) {
          if (told) {
            meter.note("");
          }
          return new BlobLock(channel, lock);
        }
        if (!told) {
          meter.note("Another process is downloading the same file; waiting for it.");
          told = true;
        }
        meter.sleep(LOOK_AGAIN);
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock attempt(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another thread of this process has it
    }
  }

  /** The file stays: one that waits for it has it open. */
  @Override
  public void close() throws IOException {
    try (channel) {
      lock.release();
    }
  }
}
