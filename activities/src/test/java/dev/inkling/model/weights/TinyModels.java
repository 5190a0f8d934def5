package dev.inkling.model.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** The tiny models of the tests, for whole experiments with them. */
public final class TinyModels {
  private static final List<String> FILES =
      List.of(
          "config.json",
          "generation_config.json",
          "model.safetensors",
          "tokenizer.json",
          "tokenizer_config.json");

  private TinyModels() {}

  /**
   * Copies a model, out of an archive too.
   *
   * @param context how many tokens it takes; the fixtures' few are too short for prompts
   */
  public static Path copy(String name, int context, Path into) throws IOException {
    Files.createDirectories(into);
    for (String file : FILES) {
      try (InputStream in = TinyModels.class.getResourceAsStream(name + "/" + file)) {
        Files.copy(Objects.requireNonNull(in, name + "/" + file), into.resolve(file));
      }
    }
    ObjectMapper json = new ObjectMapper();
    Path config = into.resolve("config.json");
    ObjectNode fields = (ObjectNode) json.readTree(config.toFile());
    json.writeValue(config.toFile(), fields.put("max_position_embeddings", context));
    return into;
  }
}
