package dev.inkling.stage;

import dev.inkling.artifact.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A file of the user's that a stage reads. */
public final class Source {
  private Source() {}

  /**
   * Whether the file is still the one that the stage's key knows by its hash; another one would be
   * another stage.
   *
   * @throws SourceChangedException if it is not
   */
  public static void check(StageContext context, Optional<String> sha256) throws IOException {
    if (sha256.isPresent()) {
      Path file = of(context);
      if (!Disk.sha256(file).equals(sha256.get())) {
        throw new SourceChangedException(file);
      }
    }
  }

  /** Where it lies. */
  public static Path of(StageContext context) {
    return Path.of(
        context
            .stage()
            .directory()
            .orElseThrow(() -> new IllegalStateException("a source without a place")));
  }
}
