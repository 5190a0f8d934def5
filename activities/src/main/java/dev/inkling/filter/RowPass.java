package dev.inkling.filter;

import dev.inkling.row.Row;
import dev.inkling.row.RowBlock;
import dev.inkling.row.RowBlocks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * One pass of some filters over some rows. Each thread takes a block of lines, reads its rows, has
 * every filter judge them, and turns them into lines again. Blocks meet only where order matters:
 * at a filter that remembers, and when they are written. Memory is a few megabytes for each thread.
 */
final class RowPass {
  private static final long PROGRESS_MILLISECONDS = 200;

  private final RowBlocks blocks;
  private final List<RowStep> steps;
  private final OutputStream kept;
  private final OutputStream rejected;
  private final List<Tally> tallies;

  /** One for each step, and the last for writing. */
  private final Gates gates;

  private final int written;
  private long blocksTaken;
  private long rowsRead;
  private long rowsKept;

  RowPass(RowBlocks blocks, List<RowStep> steps, OutputStream kept, OutputStream rejected) {
    this.blocks = blocks;
    this.steps = steps;
    this.kept = kept;
    this.rejected = rejected;
    this.tallies = Stream.generate(Tally::new).limit(steps.size()).toList();
    this.gates = new Gates(steps.size() + 1);
    this.written = steps.size();
  }

  /**
   * Filters all rows.
   *
   * @param progress is told now and then how many bytes were read; what it throws ends the pass
   */
  void run(int threads, LongConsumer progress) throws IOException, InterruptedException {
    CountDownLatch working = new CountDownLatch(threads);
    try (ExecutorService workers =
        Executors.newFixedThreadPool(threads, Thread.ofPlatform().name("filter-", 0).factory())) {
      for (int i = 0; i < threads; i++) {
        workers.execute(
            () -> {
              work();
              working.countDown();
            });
      }
      try {
        while (!working.await(PROGRESS_MILLISECONDS, TimeUnit.MILLISECONDS)) {
          progress.accept(bytesRead());
        }
      } catch (RuntimeException | InterruptedException e) {
        gates.fail(-1, e);
        workers.shutdownNow();
        throw e;
      }
    }
    switch (gates.failure()) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException("a filter was interrupted", e);
    }
  }

  /** How many rows there were. */
  long rowsRead() {
    return rowsRead;
  }

  /** How many were kept. */
  long rowsKept() {
    return rowsKept;
  }

  /** What each step did. */
  List<Tally> tallies() {
    return tallies;
  }

  private void work() {
    while (!gates.closed()) {
      Optional<RowBlock> block = take();
      if (block.isEmpty()) {
        return;
      }
      try {
        filter(block.get());
      } catch (Throwable e) {
        gates.fail(block.get().number(), e);
      }
    }
  }

  private synchronized Optional<RowBlock> take() {
    try {
      Optional<RowBlock> block = blocks.next();
      block.ifPresent(_ -> blocksTaken++);
      return block;
    } catch (IOException | RuntimeException e) {
      gates.fail(blocksTaken, e);
      return Optional.empty();
    }
  }

  private synchronized long bytesRead() {
    return blocks.bytesRead();
  }

  private void filter(RowBlock block) throws IOException, InterruptedException {
    SiftedRows rows = new SiftedRows(block);
    for (int i = 0; i < steps.size(); i++) {
      Optional<List<Verdict>> verdicts = verdicts(i, block.number(), rows.kept());
      if (verdicts.isEmpty()) {
        return;
      }
      rows.apply(steps.get(i), verdicts.get());
    }
    ByteArrayOutputStream keptLines = rows.keptLines();
    ByteArrayOutputStream rejectedLines = rows.rejectedLines();
    if (gates.enter(written, block.number())) {
      keptLines.writeTo(kept);
      rejectedLines.writeTo(rejected);
      rowsRead += block.rows();
      rowsKept += rows.kept().size();
      for (int i = 0; i < steps.size(); i++) {
        tallies.get(i).add(rows.tallies().get(i));
      }
      gates.leave(written);
    }
  }

  /** A step's verdicts on a block; none if an earlier block failed. */
  private Optional<List<Verdict>> verdicts(int step, long block, List<Row> rows)
      throws InterruptedException {
    RowFilter filter = steps.get(step).filter();
    if (!filter.remembers()) {
      return Optional.of(filter.judge(rows));
    }
    if (!gates.enter(step, block)) {
      return Optional.empty();
    }
    List<Verdict> verdicts = filter.judge(rows);
    gates.leave(step);
    return Optional.of(verdicts);
  }
}
