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

  /** Copies the adapter that PEFT made for a model, out of an archive too. */
  public static Path copyAdapter(String name, Path into) throws IOException {
    copy(name + "/adapter", List.of("adapter_config.json", "adapter_model.safetensors"), into);
    return into;
  }

  private static void copy(String from, List<String> files, Path into) throws IOException {
    Files.createDirectories(into);
    for (String file : files) {
      try (InputStream in = TinyModels.class.getResourceAsStream(from + "/" + file)) {
        Files.copy(Objects.requireNonNull(in, from + "/" + file), into.resolve(file));
      }
    }
  }

  /**
   * Copies a model, out of an archive too.
   *
   * @param context how many tokens it takes; the fixtures' few are too short for prompts
   */
  public static Path copy(String name, int context, Path into) throws IOException {
    copy(name, FILES, into);
    ObjectMapper json = new ObjectMapper();
    Path config = into.resolve("config.json");
    ObjectNode fields = (ObjectNode) json.readTree(config.toFile());
    json.writeValue(config.toFile(), fields.put("max_position_embeddings", context));
    return into;
  }
}
