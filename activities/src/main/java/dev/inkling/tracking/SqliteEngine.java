package dev.inkling.tracking;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** SQLite: one file, with a write-ahead log beside it while it is open. */
record SqliteEngine(Path file) implements Engine {
  /**
   * Locks of the operating system are held by the whole process, so threads exclude each other with
   * this one.
   */
  private static final ReentrantLock IN_PROCESS = new ReentrantLock();

  private static final long POLL_MILLIS = 10;

  /** For programs of others that write to the file; our own take turns before they connect. */
  private static final String BUSY_MILLIS = "8000";

  @Override
  public String place() {
    return file.toString();
  }

  @Override
  public Turn turn(Duration patience) throws TrackingException {
    long end = System.nanoTime() + patience.toNanos();
    try {
      if (!IN_PROCESS.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw busy(patience);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw busy(patience);
    }
    Turn turn = null;
    try {
      turn = locked(end, patience);
      return turn;
    } finally {
      if (turn == null) {
        IN_PROCESS.unlock();
      }
    }
  }

  private Turn locked(long end, Duration patience) throws TrackingException {
    FileChannel channel = null;
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      channel =
          FileChannel.open(beside("-turn"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      while (lock == null && System.nanoTime() < end) {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        lock = channel.tryLock();
      }
      if (lock == null) {
        channel.close();
        throw busy(patience);
      }
      FileChannel held = channel;
      return () -> release(held);
    } catch (IOException e) {
      quietly(channel);
      throw new TrackingException(
          TrackingException.Reason.FAILED,
          "The tracking database at " + place() + " cannot be locked (" + e.getMessage() + ")",
          e);
    } catch (InterruptedException e) {
      quietly(channel);
      Thread.currentThread().interrupt();
      throw busy(patience);
    }
  }

  private static void release(FileChannel channel) {
    quietly(channel);
    IN_PROCESS.unlock();
  }

  private static void quietly(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // The lock goes with the process at the latest.
    }
  }

  private TrackingException busy(Duration patience) {
    return new TrackingException(
        TrackingException.Reason.BUSY,
        "Another process has been writing to the tracking database at "
            + place()
            + " for "
            + patience.toSeconds()
            + " s");
  }

  private Path beside(String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  @Override
  public boolean exists() {
    return Files.exists(file);
  }

  @Override
  public Connection connect() throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("journal_mode", "WAL");
    settings.setProperty("busy_timeout", BUSY_MILLIS);
    settings.setProperty("foreign_keys", "true");
    // With a write-ahead log a loss of power can take the last rows, which can be derived again.
    settings.setProperty("synchronous", "NORMAL");
    return DriverManager.getConnection(url(), settings);
  }

  private String url() {
    return "jdbc:sqlite:" + file;
  }

  @Override
  public void clear() throws IOException {
    // The log first: one that is left would be taken for that of the next database.
    for (Path old : List.of(beside("-wal"), beside("-shm"), beside("-journal"), file)) {
      Files.deleteIfExists(old);
    }
  }

  @Override
  public FluentConfiguration flyway() {
    return Flyway.configure()
        .dataSource(url(), "", "")
        .placeholders(java.util.Map.of("text", "text"));
  }

  @Override
  public boolean lacksTables(SQLException e) {
    return String.valueOf(e.getMessage()).contains("no such table");
  }

  @Override
  public TrackingException.Reason reason(SQLException e) {
    int code = e.getErrorCode() & 0xff;
    if (code == SQLiteErrorCode.SQLITE_NOTADB.code || code == SQLiteErrorCode.SQLITE_CORRUPT.code) {
      return TrackingException.Reason.DAMAGED;
    }
    return code == SQLiteErrorCode.SQLITE_BUSY.code
        ? TrackingException.Reason.BUSY
        : TrackingException.Reason.FAILED;
  }

  @Override
  public String said(SQLException e) {
    return String.valueOf(e.getMessage());
  }
}
