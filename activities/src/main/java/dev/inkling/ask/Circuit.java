package dev.inkling.ask;

import java.util.HashSet;
import java.util.Set;

/**
 * Notices that the provider is away: as many questions in a row fail as were in flight when that
 * began. Then nothing but one probe at a time is sent, ever more rarely, until something is heard.
 */
final class Circuit {
  /** Fewer are no sign, however few are in flight: a single question may fail for its own sake. */
  private static final int FEWEST = 4;

  private final Patience patience;

  /** The questions that failed since something was last heard. */
  private final Set<Long> failed = new HashSet<>();

  private int needed;
  private boolean open;
  private int probes;
  private long probeAt;

  Circuit(Patience patience) {
    this.patience = patience;
  }

  /** Whether the provider seems to be away. */
  boolean open() {
    return open;
  }

  /** How long, in nanoseconds, until the next probe. */
  long untilProbe(long now) {
    return Math.max(0, probeAt - now);
  }

  /**
   * A request failed.
   *
   * @param inFlight how many were in flight, itself included
   * @return whether that opened the circuit
   */
  boolean failed(Pending pending, int inFlight, long now) {
    if (failed.isEmpty()) {
      needed = Math.max(FEWEST, inFlight);
    }
    failed.add(pending.index);
    if (open) {
      if (pending.probe) {
        probes++;
        probeAt = now + patience.bound(probes + 1).toNanos();
      }
      return false;
    }
    if (failed.size() < needed) {
      return false;
    }
    open = true;
    probes = 0;
    probeAt = now + patience.bound(1).toNanos();
    return true;
  }

  /**
   * The provider was heard.
   *
   * @return whether that closed the circuit
   */
  boolean heard() {
    boolean closed = open;
    failed.clear();
    open = false;
    return closed;
  }
}
