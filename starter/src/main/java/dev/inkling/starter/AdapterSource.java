package dev.inkling.starter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import dev.inkling.language.TunedWeights;
import dev.inkling.model.hub.ModelCard;
import dev.inkling.model.hub.ModelId;
import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.plan.Stage;
import dev.inkling.spec.OpenModel;
import java.io.IOException;
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

  /** In which role a stage has the model that it trains. */
  private static final String BASE = "base";

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

  /**
   * The model to which the adapters are added, where it is one of the store's, every weight of
   * which was trained.
   */
  Optional<Manifest> trained(Store store) throws UserException {
    for (String role : List.of(Stage.baseOf(BASE), BASE)) {
      Optional<String> key = key(role);
      if (key.isPresent()) {
        Manifest base = store.published(key.get()).orElseThrow(() -> gone(key.get()));
        if (base.files().containsKey(ModelDirectory.WEIGHTS)) {
          return Optional.of(base);
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> key(String role) {
    return artifact
        .map(a -> a.manifest().identity().path("inputs").path(role).asText())
        .filter(key -> !key.isEmpty());
  }

  private static UserException gone(String key) {
    return new UserException(
        Main.FAILED,
        "It was trained on top of the artifact "
            + key
            + ", which is not in the store. Its experiment makes it again: ./inkling resume ID");
  }

  /** The model of the Hub to which the adapters are added, if it is one. */
  Optional<ModelCard.Base> onHub(Store store) throws UserException, IOException {
    if (trained(store).isPresent()) {
      return Optional.empty();
    }
    if (artifact.isPresent()) {
      JsonNode model = artifact.get().manifest().identity().at("/task/base");
      String id = model.path("id").asText();
      if (OpenModel.onHub(id)) {
        ModelId.OnHub hub = (ModelId.OnHub) ModelId.parse(id);
        String commit = model.at("/weights/version").asText();
        return Optional.of(new ModelCard.Base(hub.repository(), Optional.of(commit)));
      }
    }
    return ModelCard.Base.of(config());
  }

  /** The adapters' directories, in the order in which they are added. */
  List<Path> adapters() throws UserException, IOException {
    try {
      return TunedWeights.adapters(directory);
    } catch (InvalidModelException e) {
      throw new UserException(Main.BAD_INPUT, String.valueOf(e.getMessage()));
    }
  }

  /** What PEFT's file says. */
  JsonNode config() throws IOException {
    return new ObjectMapper().readTree(directory.resolve(CONFIG).toFile());
  }

  /** The artifact with that key, or the only one whose key begins so. */
  static Artifact artifact(Store store, String key) throws UserException {
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
