package dev.inkling.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import dev.inkling.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The published artifacts and their files, for reading. */
final class Shelf {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Store store;

  /** A shelf over a store. */
  Shelf(Store store) {
    this.store = store;
  }

  /**
   * A finished experiment.
   *
   * @param id the experiment's
   * @param results {@code results.json}; missing if it cannot be read
   */
  record Entry(String id, Manifest manifest, JsonNode results) {
    String question() {
      return manifest.identity().path("spec").path("question").asText();
    }
  }

  /** The newest report of every experiment, newest first. */
  List<Entry> reports() {
    Map<String, Manifest> newest = new LinkedHashMap<>();
    for (Manifest manifest : store.list()) {
      manifest.reportOf().ifPresent(experiment -> newest.putIfAbsent(experiment, manifest));
    }
    List<Entry> entries = new ArrayList<>();
    newest.forEach((id, manifest) -> entries.add(new Entry(id, manifest, results(manifest))));
    return entries;
  }

  /** The newest report of an experiment. */
  Optional<Entry> report(String id) {
    return reports().stream().filter(e -> e.id().equals(id)).findFirst();
  }

  /** The manifest with a key. */
  Optional<Manifest> manifest(String key) {
    return store.list().stream().filter(m -> m.key().equals(key)).findFirst();
  }

  /** All manifests by key. */
  Map<String, Manifest> byKey() {
    Map<String, Manifest> all = new HashMap<>();
    store.list().forEach(m -> all.putIfAbsent(m.key(), m));
    return all;
  }

  private JsonNode results(Manifest manifest) {
    try {
      Optional<Path> file = file(manifest, Report.RESULTS);
      return file.isPresent()
          ? JSON.readTree(Files.readAllBytes(file.get()))
          : MissingNode.getInstance();
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  /**
   * A file of an artifact: only one that the manifest names (or the manifest itself), and only
   * where no symbolic link stands in its way, so that no name leads out of the artifact.
   */
  Optional<Path> file(Manifest manifest, String name) throws IOException {
    if (!manifest.files().containsKey(name) && !name.equals(Manifest.FILE)) {
      return Optional.empty();
    }
    Optional<Artifact> artifact = store.look(manifest.key());
    if (artifact.isEmpty()) {
      return Optional.empty();
    }
    Path directory = artifact.get().directory();
    Path folder = directory.getParent();
    Path honest =
        folder
            .getParent()
            .toRealPath()
            .resolve(folder.getFileName())
            .resolve(directory.getFileName());
    Path wanted = honest.resolve(name);
    if (!wanted.normalize().equals(wanted) || !wanted.startsWith(honest)) {
      return Optional.empty();
    }
    Path file = name.equals(Manifest.FILE) ? directory.resolve(name) : artifact.get().file(name);
    return Files.isRegularFile(file) && file.toRealPath().equals(wanted)
        ? Optional.of(wanted)
        : Optional.empty();
  }
}
