package dev.inkling.ask;

import dev.inkling.model.LanguageModel;
import dev.inkling.model.ModelException;
import dev.inkling.stage.Monitor;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Asks a model many questions, as many at once as it takes.
 *
 * <p>How fast is decided by four things, the slowest of which counts: a window of requests in
 * flight that grows until the provider refuses ({@link Window}), what the provider says it still
 * takes ({@link Allowance}), a quota shared by all workers ({@link SharedBucket}), and the time
 * after which it asks to come back. A question that fails in passing is tried again ({@link
 * Patience}); while the provider is away only probes are sent ({@link Circuit}).
 */
public final class Asker {
  private final LanguageModel model;
  private final AskSettings settings;
  private final Optional<SharedBucket> bucket;
  private volatile Tally tally = new Counts().tally();

  /**
   * An asker.
   *
   * @param model stays open
   * @param bucket the quota that all workers share, if there is one; stays open
   */
  public Asker(LanguageModel model, AskSettings settings, Optional<SharedBucket> bucket) {
    this.model = model;
    this.settings = settings;
    this.bucket = bucket;
  }

  /**
   * Asks all questions and returns when each has been answered and each answer has been taken.
   * However it ends, no thread is left behind.
   *
   * @param questions taken one by one, when there is room; they may be a million
   * @param done how many answers there are already, for the progress
   * @param total how many there will be, for the progress
   * @param monitor hears the progress five times a second or more often. When it throws {@link
   *     dev.inkling.stage.StopRequestedException}, nothing more is asked, answers under way are
   *     awaited for {@link AskSettings#drain}, and the exception goes on
   * @throws ModelException if a question has no answer and trying again does not help, or has not
   *     helped; answers under way are awaited before, too
   * @throws IOException if an answer cannot be kept
   * @throws InterruptedException if the thread is interrupted; what has come back is kept
   */
  public Tally ask(Iterator<Asked> questions, long done, long total, Sink sink, Monitor monitor)
      throws ModelException, IOException, InterruptedException {
    Counts counts = new Counts();
    try (Line line = new ThreadedLine(model)) {
      Asking asking =
          new Asking(
              line, settings, bucket, new SplittableRandom(), questions, sink, monitor, counts);
      asking.run(done, total);
    } finally {
      tally = counts.tally();
    }
    return tally;
  }

  /** What the last asking came to, also when it was stopped or failed. */
  public Tally tally() {
    return tally;
  }
}
