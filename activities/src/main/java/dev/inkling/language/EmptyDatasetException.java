package dev.inkling.language;

import dev.inkling.artifact.Artifact;

/** A dataset has no rows left to learn from. */
public final class EmptyDatasetException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public EmptyDatasetException(Artifact dataset) {
    super(
        "The dataset '"
            + dataset.manifest().name()
            + "' has no rows: "
            + dataset.manifest().summary()
            + ". Its rejected rows, with reasons, lie in "
            + dataset.directory()
            + ". Change its filters and type the same command again; the answers are not asked for"
            + " again.");
  }
}
