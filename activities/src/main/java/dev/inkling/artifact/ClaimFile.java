package dev.inkling.artifact;

import com.fasterxml.jackson.core.JacksonException;
import dev.inkling.crash.CrashPoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A claim in a file, read and written under a lock of the operating system. The lock lies on the
 * very file that holds the entry, because that is what a network file system promises: who has got
 * the lock reads what the one before has written. Of another file beside it, or of a file that was
 * renamed, a machine may see an older state for a minute.
 */
final class ClaimFile implements ClaimPlace {
  /**
   * Locks of the operating system are held by the whole process, so threads exclude each other with
   * this one.
   */
  private static final ReentrantLock IN_PROCESS = new ReentrantLock();

  /** An entry is filled up with blanks to a multiple of this, so that it is written at once. */
  private static final int BLOCK = 1024;

  private final Path file;

  ClaimFile(Path work) {
    this.file = work.resolve("claim.json");
  }

  @Override
  public void change(Change change) throws IOException {
    // Nothing is made for who only asks whether it still holds the claim.
    boolean there = locked(change, false);
    if (!there && change.of(Optional.empty()).isPresent() && !locked(change, true)) {
      throw new NoSuchFileException(file.toString());
    }
  }

  /** Whether the file was there. */
  private boolean locked(Change change, boolean create) throws IOException {
    IN_PROCESS.lock();
    try {
      Optional<FileChannel> opened = open(create);
      if (opened.isEmpty()) {
        return false;
      }
      try (FileChannel channel = opened.get();
          FileLock lock = channel.lock()) {
        if (!lock.isValid()) {
          throw new IOException("the lock on " + file + " was lost");
        }
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
          return false; // removed, with its directory, while this one waited for the lock
        }
        Optional<Claim.Entry> old = read(channel);
        Optional<Claim.Entry> now = change.of(old);
        if (now.isPresent() && !now.equals(old)) {
          write(channel, now.get());
        }
        return true;
      }
    } finally {
      IN_PROCESS.unlock();
    }
  }

  private Optional<FileChannel> open(boolean create) throws IOException {
    Set<OpenOption> options =
        new HashSet<>(
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
    if (create) {
      options.add(StandardOpenOption.CREATE);
    }
    try {
      return Optional.of(FileChannel.open(file, options));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static void write(FileChannel channel, Claim.Entry entry) throws IOException {
    byte[] json = entry.bytes();
    byte[] block = Arrays.copyOf(json, (json.length / BLOCK + 1) * BLOCK);
    Arrays.fill(block, json.length, block.length, (byte) ' ');
    block[block.length - 1] = '\n';
    ByteBuffer buffer = ByteBuffer.wrap(block);
    for (long at = 0; buffer.hasRemaining(); at = buffer.position()) {
      channel.write(buffer, at);
    }
    channel.truncate(block.length);
    CrashPoint.CLAIM_WRITTEN.reached();
  }

  private static Optional<Claim.Entry> read(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(channel.size()));
    int count = 0;
    while (count >= 0 && buffer.hasRemaining()) {
      count = channel.read(buffer, buffer.position());
    }
    try {
      return Optional.of(Claim.Entry.of(buffer.array()));
    } catch (JacksonException e) {
      // New, or torn by a power cut: nobody can hold what nobody can read.
      return Optional.empty();
    }
  }
}
