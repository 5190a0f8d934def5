package dev.inkling.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** JSON files of a model directory. */
final class JsonFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private JsonFile() {}

  /** A file that must be there. */
  static JsonNode required(Path file, String whatItIs) throws InvalidModelException {
    if (!Files.isRegularFile(file)) {
      throw new InvalidModelException(
          "%s lacks %s, %s. Download the model again, or name the directory that holds it."
              .formatted(file.getParent(), file.getFileName(), whatItIs));
    }
    return read(file);
  }

  /** A file that may be there; a missing node if it is not. */
  static JsonNode optional(Path file) throws InvalidModelException {
    return Files.isRegularFile(file) ? read(file) : MissingNode.getInstance();
  }

  private static JsonNode read(Path file) throws InvalidModelException {
    try {
      JsonNode node = JSON.readTree(file.toFile());
      if (!node.isObject()) {
        throw new InvalidModelException(file + " holds no JSON object. Download the model again.");
      }
      return node;
    } catch (IOException e) {
      throw new InvalidModelException(
          "%s cannot be read as JSON: %s. Download the model again."
              .formatted(file, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }
}
