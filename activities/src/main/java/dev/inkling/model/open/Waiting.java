package dev.inkling.model.open;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;

/** Requests in the order in which they came, for lanes that take as many as is their share. */
final class Waiting {
  /** Whoever asks many questions asks them in a row without longer pauses; they begin together. */
  private static final long PAUSE_MILLIS = 4;

  /** Who asks without end is not waited for. */
  private static final long GATHER_MILLIS = 100;

  private final int lanes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final ArrayDeque<Request> requests = new ArrayDeque<>();
  private final Set<Request> underWay = new HashSet<>();
  private boolean closed;

  Waiting(int lanes) {
    this.lanes = lanes;
  }

  /** Whether it was taken in: it is not when this is closed. */
  boolean add(Request request) {
    lock.lock();
    try {
      if (!closed) {
        requests.addLast(request);
        arrived.signal();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  void remove(Request request) {
    lock.lock();
    try {
      requests.remove(request);
    } finally {
      lock.unlock();
    }
  }

  /** Requests that a lane took and could not do come first again. */
  void putBack(List<Request> again) {
    lock.lock();
    try {
      again.forEach(underWay::remove);
      again.reversed().forEach(requests::addFirst);
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A lane is done with requests. */
  void done(Collection<Request> ended) {
    lock.lock();
    try {
      ended.forEach(underWay::remove);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next requests for a lane: as long as they fit, and so many that all lanes have about as
   * many. A lane that has none waits for one; the first one it gets may not fit.
   *
   * @param own how many the lane has under way
   * @param fits whether one more fits beside those taken
   * @return none if there are none for it, or if this is closed
   */
  List<Request> take(int own, BiPredicate<List<Request>, Request> fits)
      throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (own == 0 && requests.isEmpty()) {
        while (requests.isEmpty() && !closed) {
          arrived.await();
        }
        gather();
      }
      List<Request> taken = new ArrayList<>();
      int share = Math.ceilDiv(requests.size() + underWay.size(), lanes) - own;
      while (!requests.isEmpty()
          && (own + taken.size() == 0
              || (taken.size() < share && fits.test(taken, requests.getFirst())))) {
        taken.add(requests.removeFirst());
      }
      underWay.addAll(taken);
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void gather() throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GATHER_MILLIS);
    long pause = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
    long left = pause;
    for (int there = requests.size(); left > 0 && !closed; there = requests.size()) {
      left = arrived.awaitNanos(left);
      if (requests.size() > there) {
        left = Math.min(pause, until - System.nanoTime());
      }
    }
    // What arrived woke this lane only; others have their share.
    arrived.signalAll();
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Takes nothing in any more, and gives out what was left. */
  Collection<Request> close() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
      List<Request> left = List.copyOf(requests);
      requests.clear();
      return left;
    } finally {
      lock.unlock();
    }
  }
}
