package dev.inkling.journal;

import dev.inkling.crash.CrashPoint;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes lines at the end of a new file. A line is handed to the operating system at once, so it
 * survives the end of the process; it is forced to the disk with others, so it survives a loss of
 * power a tenth of a second later.
 */
final class Appender implements AutoCloseable {
  /** A crash of the machine costs answers of so long at most; ten syncs a second bother no disk. */
  private static final long FORCE_MILLIS = 100;

  /** Or so many, where answers come fast. */
  private static final int FORCE_LINES = 256;

  // No channel: that would close itself if the thread were interrupted.
  private final FileOutputStream out;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread forcing;
  private long written;
  private long forced;
  private int unforced;
  private @Nullable IOException failure;

  Appender(Path file) throws IOException {
    out = new FileOutputStream(file.toFile());
    forcing = Thread.ofPlatform().daemon().name("journal-force").start(this::forceInPassing);
  }

  /**
   * Writes a line.
   *
   * @return where it begins
   */
  long append(long index, Object value) throws IOException {
    long at;
    boolean full;
    synchronized (this) {
      check();
      at = written;
      byte[] line = Line.write(forced, index, value);
      try {
        out.write(line);
      } catch (IOException e) {
        // Half a line may be there; nothing whole may follow it.
        failure = e;
        throw e;
      }
      written += line.length;
      full = ++unforced >= FORCE_LINES;
    }
    CrashPoint.JOURNAL_APPENDED.reached();
    if (full) {
      force();
    }
    return at;
  }

  /** Forces all lines to the disk. */
  void force() throws IOException {
    long until;
    synchronized (this) {
      check();
      if (forced == written) {
        return;
      }
      until = written;
      unforced = 0;
    }
    try {
      out.getFD().sync();
    } catch (IOException e) {
      failed(e);
      throw e;
    }
    CrashPoint.JOURNAL_FORCED.reached();
    synchronized (this) {
      forced = Math.max(forced, until);
    }
  }

  private void forceInPassing() {
    try {
      while (!closing.await(FORCE_MILLIS, TimeUnit.MILLISECONDS)) {
        force();
      }
    } catch (IOException e) {
      failed(e); // the next append or the end tells it
    } catch (InterruptedException e) {
      failed(new InterruptedIOException("nobody forces the journal to the disk any more"));
    }
  }

  private synchronized void failed(IOException e) {
    failure = e;
  }

  private void check() throws IOException {
    if (failure != null) {
      throw new IOException(failure.getMessage(), failure);
    }
  }

  @Override
  public void close() throws IOException {
    closing.countDown();
    joinForcing();
    try (out) {
      force();
    }
  }

  /** It ends after one sync at most; whoever interrupts has to wait for that. */
  private void joinForcing() {
    boolean interrupted = false;
    while (forcing.isAlive()) {
      try {
        forcing.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
