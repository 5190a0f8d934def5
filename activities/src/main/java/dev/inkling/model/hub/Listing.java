package dev.inkling.model.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The files of a repository at one commit.
 *
 * @param isPrivate whether the world sees it; a list that was kept does not say
 */
record Listing(String commit, boolean isPrivate, List<HubFile> files) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The version of the file that {@link #kept} writes and huggingface_hub writes too. */
  private static final int FORMAT = 1;

  Listing {
    files = List.copyOf(files);
  }

  /**
   * Reads what {@code /api/models/owner/name/revision/main?blobs=true} says.
   *
   * @throws PassingException if it says something else
   */
  static Listing of(JsonNode model) throws PassingException {
    try {
      String commit = model.path("sha").asText();
      if (!ModelId.OnHub.isCommit(commit)) {
        throw new IllegalArgumentException("no commit");
      }
      List<HubFile> files = new ArrayList<>();
      for (JsonNode file : model.path("siblings")) {
        JsonNode large = file.path("lfs");
        files.add(
            new HubFile(
                file.path("rfilename").asText(),
                file.path("size").asLong(-1),
                file.path("blobId").asText(),
                Optional.of(large.path("sha256").asText("")).filter(s -> !s.isEmpty())));
      }
      return new Listing(commit, model.path("private").asBoolean(), files);
    } catch (IllegalArgumentException e) {
      throw new PassingException(
          "The Hub's list of files cannot be read: " + e.getMessage() + ".", e);
    }
  }

  /** Reads what {@link #kept} has written; empty if it is something else. */
  static Optional<Listing> kept(String commit, byte[] bytes) {
    try {
      JsonNode kept = JSON.readTree(bytes);
      if (kept == null || kept.path("format_version").asInt() != FORMAT) {
        return Optional.empty();
      }
      List<HubFile> files = new ArrayList<>();
      kept.path("files")
          .properties()
          .forEach(
              e ->
                  files.add(
                      new HubFile(
                          e.getKey(),
                          e.getValue().path("size").asLong(-1),
                          e.getValue().path("blob_id").asText(),
                          Optional.ofNullable(e.getValue().get("lfs_sha256"))
                              .map(JsonNode::asText))));
      return Optional.of(new Listing(commit, false, files));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** As huggingface_hub keeps it in {@code trees/<commit>.json}. */
  byte[] kept() {
    ObjectNode kept = JSON.createObjectNode().put("format_version", FORMAT);
    ObjectNode all = kept.putObject("files");
    TreeMap<String, HubFile> sorted = new TreeMap<>();
    files.forEach(f -> sorted.put(f.path(), f));
    for (HubFile file : sorted.values()) {
      ObjectNode entry = all.putObject(file.path());
      entry.put("size", file.size()).put("blob_id", file.blob());
      file.sha256().ifPresent(s -> entry.put("lfs_sha256", s).put("lfs_size", file.size()));
    }
    return kept.toPrettyString().getBytes(UTF_8);
  }

  Optional<HubFile> file(String path) {
    return files.stream().filter(f -> f.path().equals(path)).findFirst();
  }
}
