package dev.inkling.artifact;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.crash.CrashPoint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Who makes an artifact: a file in its work directory with a token that is new for every attempt.
 * An attempt whose token no longer stands there has been replaced and may write nothing more, even
 * if it only slept and woke up.
 */
final class Claim {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A claim that was not renewed for so long is anybody's; longer than the heartbeat timeout of a
   * stage (10 s).
   */
  static final Duration STALE = Duration.ofSeconds(20);

  /**
   * Locks of the operating system are held by the whole process, so threads exclude each other with
   * this one.
   */
  private static final ReentrantLock IN_PROCESS = new ReentrantLock();

  /**
   * What stands in the file.
   *
   * @param host and process: a process that is gone on this machine holds nothing
   * @param since when the work began that nothing has kept yet; missing in claims of older versions
   */
  record Entry(
      String token,
      String owner,
      String host,
      long process,
      String renewed,
      int attempts,
      boolean released,
      @Nullable String since) {
    /** The work that nothing kept, as far as the claim was renewed: seconds short at most. */
    Duration unkept() {
      Duration work =
          since == null
              ? Duration.ZERO
              : Duration.between(Instant.parse(since), Instant.parse(renewed));
      return work.isNegative() ? Duration.ZERO : work;
    }
  }

  /**
   * A claim that was taken.
   *
   * @param lost the work of the attempt before that nothing kept
   */
  record Taken(Entry entry, Duration lost) {}

  private final Path file;
  private final Clock clock;

  Claim(Path work, Clock clock) {
    this.file = work.resolve("claim.json");
    this.clock = clock;
  }

  /** Takes the claim for an owner; empty while another owner holds it and is alive. */
  Optional<Taken> take(String owner) throws IOException {
    Taken[] taken = new Taken[1];
    update(
        old -> {
          if (old.isPresent() && !free(old.get(), owner)) {
            return old;
          }
          int attempts = old.map(Entry::attempts).orElse(0) + 1;
          String now = clock.instant().toString();
          Entry entry =
              new Entry(
                  UUID.randomUUID().toString(),
                  owner,
                  host(),
                  ProcessHandle.current().pid(),
                  now,
                  attempts,
                  false,
                  now);
          taken[0] = new Taken(entry, old.map(Entry::unkept).orElse(Duration.ZERO));
          return Optional.of(entry);
        });
    if (taken[0] != null) {
      CrashPoint.CLAIM_TAKEN.reached();
    }
    return Optional.ofNullable(taken[0]);
  }

  private boolean free(Entry old, String owner) {
    // In the future too: the clock was set back, and who is alive will soon have renewed it.
    Duration silent = Duration.between(Instant.parse(old.renewed()), clock.instant()).abs();
    boolean stale = silent.compareTo(STALE) > 0;
    boolean gone = old.host().equals(host()) && ProcessHandle.of(old.process()).isEmpty();
    return old.released() || old.owner().equals(owner) || stale || gone;
  }

  /** Renews the claim with a token, or throws if the token has been replaced. */
  void renew(String token) throws IOException {
    update(old -> Optional.of(renewed(held(old, token), false, Optional.empty())));
    CrashPoint.CLAIM_RENEWED.reached();
  }

  /** Gives the claim back if it is still this attempt's. */
  void release(String token) throws IOException {
    update(
        old ->
            old.filter(e -> e.token().equals(token))
                .map(e -> renewed(e, true, Optional.empty()))
                .or(() -> old));
  }

  /** Does something that nobody else may do at the same time, if the token still stands. */
  void whileHeld(String token, IoAction action) throws IOException {
    locked(
        () -> {
          held(read(), token);
          action.run();
        });
  }

  /** The same; and all work so far is kept by what was done, such as moving a checkpoint. */
  void keep(String token, IoAction action) throws IOException {
    locked(
        () -> {
          Entry entry = held(read(), token);
          action.run();
          write(renewed(entry, false, Optional.of(clock.instant().toString())));
        });
  }

  private Entry renewed(Entry e, boolean released, Optional<String> kept) {
    return new Entry(
        e.token(),
        e.owner(),
        e.host(),
        e.process(),
        clock.instant().toString(),
        e.attempts(),
        released,
        kept.orElse(e.since()));
  }

  private Entry held(Optional<Entry> entry, String token) {
    if (entry.isEmpty() || !entry.get().token().equals(token)) {
      throw superseded();
    }
    return entry.get();
  }

  private Store.SupersededException superseded() {
    return new Store.SupersededException(
        "Another attempt has taken over "
            + file.getParent().getFileName()
            + "; this one stops without writing.");
  }

  private void update(UnaryOperator<Optional<Entry>> change) throws IOException {
    locked(
        () -> {
          Optional<Entry> old = read();
          Optional<Entry> now = change.apply(old);
          if (now.isPresent() && !now.equals(old)) {
            write(now.get());
          }
        });
  }

  private void write(Entry entry) throws IOException {
    Path written = file.resolveSibling("claim.json.tmp");
    Files.write(written, JSON.writeValueAsBytes(entry));
    CrashPoint.CLAIM_WRITTEN.reached();
    Files.move(written, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private Optional<Entry> read() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readAllBytes(file), Entry.class));
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      // Torn by a power cut: nobody can hold what nobody can read.
      return Optional.empty();
    }
  }

  private void locked(IoAction action) throws IOException {
    IN_PROCESS.lock();
    try (FileChannel channel =
            FileChannel.open(
                file.resolveSibling("claim.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (!lock.isValid()) {
        throw new IOException("the lock on " + file + " was lost");
      }
      action.run();
    } catch (NoSuchFileException e) {
      // The work directory itself is gone: whoever took over has published and tidied up.
      if (!Files.isDirectory(file.getParent())) {
        throw superseded();
      }
      throw e;
    } finally {
      IN_PROCESS.unlock();
    }
  }

  private static String host() {
    String name = System.getenv("HOSTNAME");
    return name == null ? "localhost" : name;
  }

  /** Work on files. */
  @FunctionalInterface
  interface IoAction {
    void run() throws IOException;
  }
}
