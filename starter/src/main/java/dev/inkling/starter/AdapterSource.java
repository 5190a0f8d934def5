package dev.inkling.starter;

import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An adapter as one names it on the command line: an artifact's key or its beginning, or a
 * directory.
 */
record AdapterSource(Optional<Artifact> artifact, Path directory) {
  /** PEFT's file, which every adapter has. */
  static final String CONFIG = "adapter_config.json";

  static AdapterSource of(Store store, String named) throws UserException {
    boolean isPath = named.contains("/") || Files.isDirectory(Path.of(named));
    Optional<Artifact> artifact = isPath ? Optional.empty() : Optional.of(artifact(store, named));
    Path directory = artifact.map(Artifact::directory).orElse(Path.of(named));
    if (!Files.isRegularFile(directory.resolve(CONFIG))) {
      throw new UserException(
          Main.BAD_INPUT,
          (isPath ? directory : "The artifact " + named)
              + " is no adapter: there is no "
              + CONFIG
              + " in it. Fine-tuned open-weights models have one: inkling artifacts list");
    }
    return new AdapterSource(artifact, directory);
  }

  private static Artifact artifact(Store store, String key) throws UserException {
    Manifest found = ArtifactsCommand.named(store, key, ", and there is no such directory");
    return store
        .find(found.key())
        .orElseThrow(
            () ->
                new UserException(
                    Main.FAILED,
                    "The artifact was damaged, and is set aside. Its experiment makes it again:"
                        + " ./inkling resume ID"));
  }
}
