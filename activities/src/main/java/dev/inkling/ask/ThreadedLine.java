package dev.inkling.ask;

import dev.inkling.model.LanguageModel;
import dev.inkling.model.ModelException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A virtual thread for each request. */
final class ThreadedLine implements Line {
  private static final Logger log = LoggerFactory.getLogger(ThreadedLine.class);

  /** An interrupted request ends at once; one that does not is a defect worth a line in the log. */
  private static final long PATIENCE_SECONDS = 10;

  private final LanguageModel model;
  private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("ask-", 0).factory());

  ThreadedLine(LanguageModel model) {
    this.model = model;
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public void send(Pending pending) {
    threads.execute(() -> heard.add(new Heard(pending, ask(pending))));
  }

  private Result ask(Pending pending) {
    try {
      return new Result.Answered(model.ask(pending.question));
    } catch (ModelException e) {
      return new Result.Failed(e);
    } catch (InterruptedException | RuntimeException | Error e) {
      return new Result.Broke(e);
    }
  }

  @Override
  public @Nullable Heard await(long nanos) throws InterruptedException {
    return nanos <= 0 ? heard.poll() : heard.poll(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    boolean interrupted = Thread.interrupted();
    try {
      if (!threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        log.warn("Requests to a model go on although they were interrupted");
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
