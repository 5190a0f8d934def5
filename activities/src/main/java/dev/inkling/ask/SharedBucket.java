package dev.inkling.ask;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A token bucket in a file, so that a quota holds across all workers that share a file system. Each
 * takes out a slice of a tenth of a second's worth, so the file is locked ten times a second at
 * most, and a crash loses one slice. For the use of one thread.
 *
 * <p>The bucket holds one second's worth and is refilled by the wall clock, the only one that
 * machines share. It may jump: forward fills the bucket once; backward gives nothing, and refilling
 * goes on from the new time. Clocks of several machines may differ by {@value #SKEW_MILLIS} ms:
 * within that the one that is ahead does the refilling.
 */
public final class SharedBucket implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A clock that is behind by more was set back; one that is behind by less is another machine's.
   */
  static final long SKEW_MILLIS = 10_000;

  private static final double SLICE_SECONDS = 0.1;

  /** What is used of a quota; the rest is for clocks and networks that are not quite even. */
  static final double USED = 0.99;

  /** Looking again sooner than that would only keep the lock busy. */
  private static final double SHORTEST_WAIT_SECONDS = 0.005;

  /** Locks of the operating system are held by the whole process; its threads need another one. */
  private static final ReentrantLock IN_PROCESS = new ReentrantLock();

  private final Path file;
  private final InstantSource clock;
  private final Share requests;
  private final Share tokens;

  /** What stands in the file: what is in the bucket, and when it was last refilled. */
  record Level(double requests, double tokens, long at) {}

  /**
   * The bucket in a file.
   *
   * @param file one for each model; made when it is missing
   */
  public SharedBucket(Path file, Quota quota, InstantSource clock) throws IOException {
    this.file = file;
    this.clock = clock;
    this.requests = new Share(quota.requestsPerMinute());
    this.tokens = new Share(quota.tokensPerMinute());
    Files.createDirectories(file.toAbsolutePath().getParent());
  }

  /**
   * Takes one request and so many tokens.
   *
   * @return nothing to wait for if they were taken, otherwise how long to wait before trying again
   */
  public Duration take(double estimate) throws IOException, InterruptedException {
    if (!(requests.holds(1) && tokens.holds(estimate))) {
      double wait = lease(estimate);
      if (wait > 0) {
        return Duration.ofNanos((long) (Math.max(wait, SHORTEST_WAIT_SECONDS) * 1e9));
      }
    }
    requests.held -= 1;
    tokens.held -= estimate;
    return Duration.ZERO;
  }

  /** What was taken did cost so many tokens more, or fewer if negative. */
  public void correct(double difference) {
    tokens.held -= difference;
  }

  /** Puts back what was leased and not taken. */
  @Override
  public void close() throws IOException {
    try {
      update(
          level -> {
            Level after =
                new Level(
                    requests.putBack(level.requests()), tokens.putBack(level.tokens()), level.at());
            return new Lease(after, 0);
          });
    } catch (InterruptedException e) {
      // A slice is lost, as in a crash.
      Thread.currentThread().interrupt();
    }
  }

  /** The wait in seconds, 0 if a slice was leased. */
  private double lease(double estimate) throws IOException, InterruptedException {
    return update(
        level -> {
          double wait =
              Math.max(
                  requests.shortage(1, level.requests()),
                  tokens.shortage(estimate, level.tokens()));
          if (wait > 0) {
            return new Lease(level, wait);
          }
          return new Lease(
              new Level(
                  requests.lease(1, level.requests()),
                  tokens.lease(estimate, level.tokens()),
                  level.at()),
              0);
        });
  }

  private record Lease(Level after, double seconds) {}

  private interface Change {
    Lease of(Level level);
  }

  private double update(Change change) throws IOException, InterruptedException {
    IN_PROCESS.lockInterruptibly();
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (!lock.isValid()) {
        throw new IOException("the lock on " + file + " was lost");
      }
      Lease lease = change.of(refilled(read(channel)));
      write(channel, lease.after());
      return lease.seconds();
    } catch (ClosedByInterruptException | FileLockInterruptionException e) {
      Thread.interrupted();
      throw (InterruptedException) new InterruptedException("while locking a quota").initCause(e);
    } finally {
      IN_PROCESS.unlock();
    }
  }

  private Level refilled(Level level) {
    long now = clock.millis();
    long passed = now - level.at();
    if (passed < 0) {
      return passed < -SKEW_MILLIS ? new Level(level.requests(), level.tokens(), now) : level;
    }
    return new Level(
        requests.refilled(level.requests(), passed), tokens.refilled(level.tokens(), passed), now);
  }

  /**
   * A new bucket is empty, and so is one that a crash has torn: that costs a moment, not a burst.
   */
  private Level read(FileChannel channel) throws IOException {
    try {
      byte[] bytes = Channels.newInputStream(channel).readAllBytes();
      return bytes.length == 0
          ? new Level(0, 0, clock.millis())
          : JSON.readValue(bytes, Level.class);
    } catch (JacksonException e) {
      return new Level(0, 0, clock.millis());
    }
  }

  private static void write(FileChannel channel, Level level) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(level);
    channel.position(0);
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    channel.truncate(bytes.length);
  }

  /**
   * One of the two things that are limited, as this worker holds it; without a limit all is free.
   */
  private static final class Share {
    private final double perSecond;

    /**
     * What is leased and not taken; below zero after something cost more than it was thought to.
     */
    private double held;

    Share(OptionalLong perMinute) {
      this.perSecond =
          perMinute.isPresent() ? USED * perMinute.getAsLong() / 60 : Double.POSITIVE_INFINITY;
    }

    private boolean free() {
      return Double.isInfinite(perSecond);
    }

    /** A second's worth, and room for one request however rare they are. */
    private double capacity() {
      return Math.max(1, perSecond);
    }

    boolean holds(double cost) {
      return free() || held >= cost;
    }

    double refilled(double level, long millis) {
      return free() ? level : Math.min(capacity(), level + perSecond * millis / 1000);
    }

    /**
     * How many seconds until the cost can be leased. What costs more than the bucket holds is
     * leased from a full one, which then owes it.
     */
    double shortage(double cost, double level) {
      double needed = Math.min(cost - held, capacity());
      return free() || level >= needed ? 0 : (needed - level) / perSecond;
    }

    /** Leases the cost, or a slice if that is more and there. */
    double lease(double cost, double level) {
      if (free() || held >= cost) {
        return level;
      }
      double leased = Math.max(cost - held, Math.min(SLICE_SECONDS * perSecond, level));
      held += leased;
      return level - leased;
    }

    double putBack(double level) {
      if (free()) {
        return level;
      }
      double whole = Math.min(capacity(), level + held);
      held = 0;
      return whole;
    }
  }
}
