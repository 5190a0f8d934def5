package dev.inkling.artifact;

import java.nio.file.Path;

/**
 * A published artifact.
 *
 * @param directory where its files lie on this machine
 * @param files brings a file there that is not there yet
 */
public record Artifact(Manifest manifest, Path directory, Files files) {
  /** An artifact whose files are all there. */
  public Artifact(Manifest manifest, Path directory) {
    this(manifest, directory, directory::resolve);
  }

  /**
   * A file of the artifact.
   *
   * @throws StoreException if it has to be fetched and cannot be
   */
  public Path file(String name) {
    if (!manifest.files().containsKey(name)) {
      throw new IllegalArgumentException(
          "artifact " + manifest.key() + " has no file '" + name + "'");
    }
    return files.file(name);
  }

  /** Where an artifact's files come from. */
  @FunctionalInterface
  public interface Files {
    /** A file of the artifact, on this machine. */
    Path file(String name);
  }
}
