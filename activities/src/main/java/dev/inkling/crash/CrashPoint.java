package dev.inkling.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The moments between two effects on the world. Each is passed with {@link #reached}, which does
 * nothing unless the environment names it: {@code INKLING_CRASH_AT=PUBLISHED:2} ends the process,
 * without any cleaning up, when it comes by for the second time. What a crash there leaves, and who
 * puts it right, stands in docs/design/crashes.md; a test goes through all of them.
 */
public enum CrashPoint {
  /** An experiment's plan stands in the store, and Temporal has not heard of it. */
  PLAN_KEPT,
  /** A worker has taken a stage from Temporal and done nothing yet. */
  STAGE_STARTED,
  /** The new claim is written, and its file still locked. */
  CLAIM_WRITTEN,
  /** The claim is taken, and its lock given back. */
  CLAIM_TAKEN,
  /** The claim's time was renewed. */
  CLAIM_RENEWED,
  /** A heartbeat is about to be sent. */
  HEARTBEAT,
  /** A tensor file is written up to its last tensor; its checksum is missing. */
  FILE_HALF_WRITTEN,
  /** A checkpoint is on the disk as this attempt's draft. */
  CHECKPOINT_WRITTEN,
  /** The checkpoint has taken the place of the one before. */
  CHECKPOINT_KEPT,
  /** What is to be kept lies in the bucket too, and the claim there does not name it. */
  REMOTE_SENT,
  /** The claim in the bucket names it. */
  REMOTE_KEPT,
  /** A line of a journal is written and not forced to the disk. */
  JOURNAL_APPENDED,
  /** Some lines of a journal are forced to the disk. */
  JOURNAL_FORCED,
  /** A call that must happen once is announced in the stage's note, and not yet made. */
  CALL_ANNOUNCED,
  /** The provider has accepted the call, and nothing here knows of it. */
  CALL_ACCEPTED,
  /** A provider was told to end a job or a batch. */
  CALL_WITHDRAWN,
  /** A provider is about to be asked for a machine. */
  MACHINE_ASKED,
  /** The machine is there, and Temporal has not heard of it. */
  MACHINE_MADE,
  /** The machine is given back, and Temporal has not heard of it. */
  MACHINE_ENDED,
  /** All files of an artifact are written, nothing is forced to the disk. */
  OUTPUT_WRITTEN,
  /** The files are forced to the disk and hashed. */
  OUTPUT_FORCED,
  /** The manifest stands among them. */
  MANIFEST_WRITTEN,
  /** All files of an artifact lie in the bucket; nothing says that they are to be published. */
  REMOTE_FILES_SENT,
  /** The claim in the bucket says so, and the manifest is not in its place. */
  REMOTE_SEALED,
  /** The manifest is in its place in the bucket. */
  REMOTE_PUBLISHED,
  /** Something was renamed, and the directory is not yet forced to the disk. */
  RENAMED,
  /** The artifact is published; its work directory is still there. */
  PUBLISHED,
  /** One file of the work directory is removed. */
  WORK_HALF_REMOVED,
  /** An experiment's rows stand in the tracking database. */
  EXPERIMENT_INDEXED,
  /** Everything is done, and Temporal has not heard of it. */
  STAGE_RETURNED,
  /** The report's files are written. */
  REPORT_WRITTEN;

  private static final @Nullable Armed ARMED = Armed.by(System.getenv());

  /** The process comes by here. */
  public void reached() {
    if (ARMED != null) {
      ARMED.reached(this);
    }
  }

  /**
   * What the environment asks for.
   *
   * @param point where to end
   * @param times at which time of coming by
   * @param trace where to write the name of every point that is reached
   */
  private record Armed(
      @Nullable CrashPoint point, int times, @Nullable Path trace, AtomicInteger count) {

    static @Nullable Armed by(Map<String, String> environment) {
      String at = environment.get("INKLING_CRASH_AT");
      String trace = environment.get("INKLING_CRASH_TRACE");
      if (at == null && trace == null) {
        return null;
      }
      String[] parts = at == null ? new String[] {"", "0"} : at.split(":", 2);
      return new Armed(
          at == null ? null : named(parts[0]),
          parts.length < 2 ? 1 : Integer.parseInt(parts[1]),
          trace == null ? null : Path.of(trace),
          new AtomicInteger());
    }

    private static CrashPoint named(String name) {
      return Arrays.stream(values())
          .filter(p -> p.name().equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "INKLING_CRASH_AT names '"
                          + name
                          + "', but there are only "
                          + Arrays.toString(values())));
    }

    void reached(CrashPoint here) {
      if (trace != null) {
        try {
          Files.writeString(
              trace, here + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      if (here == point && count.incrementAndGet() == times) {
        // No hook, no finally, no flush: what a SIGKILL at this very line would leave.
        Runtime.getRuntime().halt(CODE);
      }
    }
  }

  /** The exit code of a process that ended at its point: that of a SIGKILL. */
  public static final int CODE = 137;
}
