package dev.inkling.report;

import dev.inkling.artifact.Artifact;
import java.io.IOException;

/** Where a report finds the artifacts that it is made from. */
interface Shelf {
  /**
   * The artifact of a key.
   *
   * @throws IOException if it is not there any more
   */
  Artifact artifact(String key) throws IOException;
}
