package dev.inkling.artifact;

import java.io.IOException;
import java.util.Optional;

/** Where a claim stands: one entry, which is changed by one attempt at a time. */
interface ClaimPlace {
  /**
   * Changes the entry as if nobody else did anything meanwhile.
   *
   * @throws IOException if the place cannot be read or written
   */
  void change(Change change) throws IOException;

  /** What becomes of an entry. */
  @FunctionalInterface
  interface Change {
    /**
     * The entry that is to stand there. May be called again with a newer one, if somebody else was
     * faster; then only the last answer counts.
     *
     * @param old what stands there; empty if there is nothing, or nothing that can be read
     * @return the same as {@code old} if nothing is to change
     */
    Optional<Claim.Entry> of(Optional<Claim.Entry> old) throws IOException;
  }
}
