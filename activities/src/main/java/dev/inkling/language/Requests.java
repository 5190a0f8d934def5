package dev.inkling.language;

import dev.inkling.model.LanguageModel;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Counts the requests of a stage in files that outlive the process, one for each attempt: how many
 * were sent, and how many of them failed. What was sent, did not fail and is not in the journal was
 * lost by a crash and is asked again.
 */
final class Requests implements AutoCloseable {
  private static final VarHandle COUNT = ValueLayout.JAVA_LONG.varHandle();
  private static final long SENT = 0;
  private static final long FAILED = Long.BYTES;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment counts;
  private final long sentBefore;
  private final long lost;

  /**
   * Begins to count an attempt's requests.
   *
   * @param scratch where the counts of earlier attempts lie
   * @param answered how many answers those have left in the journal
   */
  Requests(Path scratch, int attempt, long answered) throws IOException {
    long sent = 0;
    long failed = 0;
    try (DirectoryStream<Path> earlier = Files.newDirectoryStream(scratch, "requests-*.bin")) {
      for (Path file : earlier) {
        try (FileChannel channel = FileChannel.open(file);
            Arena reading = Arena.ofConfined()) {
          if (channel.size() == 2 * Long.BYTES) {
            MemorySegment its =
                channel.map(FileChannel.MapMode.READ_ONLY, 0, 2 * Long.BYTES, reading);
            sent += its.get(ValueLayout.JAVA_LONG, SENT);
            failed += its.get(ValueLayout.JAVA_LONG, FAILED);
          }
        }
      }
    }
    sentBefore = sent;
    lost = Math.max(0, sent - failed - answered);
    try (FileChannel channel =
        FileChannel.open(
            scratch.resolve("requests-" + attempt + ".bin"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      counts = channel.map(FileChannel.MapMode.READ_WRITE, 0, 2 * Long.BYTES, arena);
    }
  }

  /** The model, with every request counted. */
  LanguageModel counting(LanguageModel model) {
    return new LanguageModel() {
      @Override
      public Reply ask(Question question) throws ModelException, InterruptedException {
        add(SENT);
        try {
          return model.ask(question);
        } catch (ModelException e) {
          add(FAILED);
          throw e;
        }
      }

      @Override
      public void close() {
        model.close();
      }
    };
  }

  private void add(long what) {
    long _ = (long) COUNT.getAndAdd(counts, what, 1L);
  }

  /** All that were sent, by all attempts. */
  long sent() {
    return sentBefore + (long) COUNT.getVolatile(counts, SENT);
  }

  /** How many of them were lost by earlier attempts. */
  long lost() {
    return lost;
  }

  @Override
  public void close() {
    arena.close();
  }
}
