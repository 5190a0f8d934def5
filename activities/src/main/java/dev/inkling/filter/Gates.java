package dev.inkling.filter;

import org.jspecify.annotations.Nullable;

/**
 * Lets numbered blocks, which several threads work on, pass each of some gates in their order, and
 * remembers the first thing that went wrong. First means in the blocks' order: what is told does
 * not depend on which thread was faster.
 */
final class Gates {
  private final long[] next;
  private long failed = Long.MAX_VALUE;
  private @Nullable Throwable failure;

  Gates(int gates) {
    this.next = new long[gates];
  }

  /**
   * Waits until all earlier blocks have left the gate.
   *
   * @return false if one of them never will, because it failed
   */
  synchronized boolean enter(int gate, long block) throws InterruptedException {
    while (next[gate] != block && block < failed) {
      wait();
    }
    return block < failed;
  }

  /** Lets the next block through. */
  synchronized void leave(int gate) {
    next[gate]++;
    notifyAll();
  }

  /** Stops this block and all later ones; earlier ones go on, because they may fail too. */
  synchronized void fail(long block, Throwable reason) {
    if (block < failed) {
      failed = block;
      failure = reason;
    }
    notifyAll();
  }

  /** Whether there is no point in beginning another block. */
  synchronized boolean closed() {
    return failure != null;
  }

  /** What went wrong, or null. */
  synchronized @Nullable Throwable failure() {
    return failure;
  }
}
