package dev.inkling.model.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The tiny models beside the tests, and copies of them to spoil. */
final class Fixtures {
  static final List<String> FAMILIES =
      List.of("llama", "llama3", "smollm", "mistral", "qwen2", "qwen3", "gemma3");

  private static final ObjectMapper JSON = new ObjectMapper();

  private Fixtures() {}

  static Path directory(String name) {
    URL found = Fixtures.class.getResource(name);
    try {
      return Path.of(Objects.requireNonNull(found, name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Path copy(String name, Path into) throws IOException {
    Files.createDirectories(into);
    try (Stream<Path> files = Files.list(directory(name))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, into.resolve(file.getFileName()));
      }
    }
    return into;
  }

  /** Changes a JSON file of a copy. */
  static void edit(Path file, Consumer<ObjectNode> change) throws IOException {
    ObjectNode node =
        Files.exists(file) ? (ObjectNode) JSON.readTree(file.toFile()) : JSON.createObjectNode();
    change.accept(node);
    JSON.writeValue(file.toFile(), node);
  }

  static ObjectNode object(String json) {
    try {
      return (ObjectNode) JSON.readTree(json);
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /**
   * As it stands in tokenizer.json; the library gives it the next free number, whatever it says.
   */
  static ObjectNode addedToken(int id, String content, boolean special) {
    return JSON.createObjectNode()
        .put("id", id)
        .put("content", content)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", special);
  }
}
