package dev.inkling.starter;

import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    List<Manifest> found = store.list().stream().filter(m -> m.key().startsWith(key)).toList();
    if (found.size() != 1) {
      String what =
          found.isEmpty() ? "No artifact's key begins" : found.size() + " artifacts' keys begin";
      throw new UserException(
          Main.BAD_INPUT,
          what
              + " with '"
              + key
              + "', and there is no such directory. See: inkling artifacts list");
    }
    return store
        .find(found.getFirst().key())
        .orElseThrow(
            () ->
                new UserException(
                    Main.FAILED,
                    "The artifact was damaged, and is set aside. Its experiment makes it again:"
                        + " ./inkling resume ID"));
  }
}
