package dev.inkling.provision;

import dev.inkling.provision.ProvisionException.Reason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Cleaning up behind a call that was interrupted: it runs in a thread of its own, so that neither
 * that interruption nor a second one cuts it short.
 */
public final class Behind {
  private Behind() {}

  /** What is to be done. */
  @FunctionalInterface
  public interface Work {
    /** Does it. */
    void run() throws ProvisionException, InterruptedException;
  }

  /**
   * Does the work and returns when it is done; also if the caller is interrupted meanwhile, which
   * it is told afterwards.
   *
   * @param limit how long a caller who wants to stop is held
   * @throws ProvisionException what the work threw, or that it was not done in time
   */
  public static void clean(Duration limit, Work work) throws ProvisionException {
    Outcome outcome = new Outcome();
    Thread thread = Thread.ofVirtual().start(() -> outcome.of(work));
    long until = System.nanoTime() + limit.toNanos();
    boolean interrupted = false;
    boolean done = false;
    while (!done && System.nanoTime() < until) {
      try {
        done = thread.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (!done) {
      thread.interrupt();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (!done) {
      throw new ProvisionException(
          Reason.UNAVAILABLE, "It was not done within %d s.".formatted(limit.toSeconds()));
    }
    outcome.tell();
  }

  private static final class Outcome {
    private volatile @Nullable Reason reason;
    private volatile String message = "";

    private void of(Work work) {
      try {
        work.run();
      } catch (ProvisionException e) {
        message = String.valueOf(e.getMessage());
        reason = e.reason();
      } catch (InterruptedException e) {
        message = "It was cut short.";
        reason = Reason.UNAVAILABLE;
      }
    }

    private void tell() throws ProvisionException {
      Reason failed = reason;
      if (failed != null) {
        throw new ProvisionException(failed, message);
      }
    }
  }
}
