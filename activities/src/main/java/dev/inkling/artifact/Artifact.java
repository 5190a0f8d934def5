package dev.inkling.artifact;

import java.nio.file.Path;

/** A published artifact whose files have been checked against its manifest. */
public record Artifact(Manifest manifest, Path directory) {
  /** A file of the artifact. */
  public Path file(String name) {
    if (!manifest.files().containsKey(name)) {
      throw new IllegalArgumentException(
          "artifact " + manifest.key() + " has no file '" + name + "'");
    }
    return directory.resolve(name);
  }
}
