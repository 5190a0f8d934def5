package dev.inkling.tensor.transformer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.model.weights.ModelConfig;
import dev.inkling.model.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads an adapter that PEFT wrote, or refuses it by what it has and this project has not. */
final class PeftReader {
  /** What must be absent, false or empty, because it would change what the adapter computes. */
  private static final List<String> UNSUPPORTED =
      List.of(
          "modules_to_save",
          "alpha_pattern",
          "rank_pattern",
          "layers_to_transform",
          "layer_replication",
          "lora_bias",
          "fan_in_fan_out",
          "target_parameters",
          "trainable_token_indices");

  private final Path directory;
  private final ModelConfig config;
  private final JsonNode described;
  private final Weights weights;

  private PeftReader(Path directory, ModelConfig config, JsonNode described, Weights weights) {
    this.directory = directory;
    this.config = config;
    this.described = described;
    this.weights = weights;
  }

  static LoraAdapter read(Path directory, ModelConfig config) throws InvalidModelException {
    JsonNode described = describedBy(directory);
    try (Weights weights = Weights.inFile(directory.resolve(PeftFiles.WEIGHTS))) {
      return new PeftReader(directory, config, described, weights).adapter();
    }
  }

  private static JsonNode describedBy(Path directory) throws InvalidModelException {
    Path file = directory.resolve(PeftFiles.CONFIG);
    if (!Files.isRegularFile(file)) {
      throw new InvalidModelException(
          file + " is missing, which says what the adapter is; give the directory that PEFT saved");
    }
    try {
      JsonNode config = new ObjectMapper().readTree(file.toFile());
      if (config != null && config.isObject()) {
        return config;
      }
      throw new InvalidModelException(file + " is no JSON object; download the adapter again");
    } catch (IOException e) {
      throw new InvalidModelException(
          file + " cannot be read: " + e.getMessage() + "; download the adapter again", e);
    }
  }

  private LoraAdapter adapter() throws InvalidModelException {
    checkSupported();
    Set<Projection> targets = targets();
    LoraSettings settings =
        new LoraSettings(
            rank(targets),
            number("lora_alpha"),
            described.path("use_rslora").asBoolean(),
            described.path("lora_dropout").asDouble(),
            List.copyOf(targets));
    List<Map<Projection, LoraAdapter.Pair>> layers = new ArrayList<>();
    Set<String> unread = new HashSet<>(weights.names());
    for (int layer = 0; layer < config.layers(); layer++) {
      Map<Projection, LoraAdapter.Pair> pairs = new EnumMap<>(Projection.class);
      for (Projection target : targets) {
        pairs.put(
            target,
            new LoraAdapter.Pair(
                matrix(unread, layer, target, "A", settings.rank(), target.in(config)),
                matrix(unread, layer, target, "B", target.out(config), settings.rank())));
      }
      layers.add(pairs);
    }
    if (!unread.isEmpty()) {
      throw another(
          "it holds %s, for which the model has no place".formatted(unread.iterator().next()));
    }
    return new LoraAdapter(settings, layers);
  }

  private void checkSupported() throws InvalidModelException {
    String type = described.path("peft_type").asText();
    if (!type.equals("LORA")) {
      throw refused("peft_type", type);
    }
    String bias = described.path("bias").asText("none");
    if (!bias.equals("none")) {
      throw refused("bias", bias);
    }
    for (String key : UNSUPPORTED) {
      if (!isNothing(described.path(key))) {
        throw refused(key, described.path(key).toString());
      }
    }
    // Also what later versions of PEFT may add: DoRA, QALoRA, …
    for (Map.Entry<String, JsonNode> entry : described.properties()) {
      if (entry.getKey().startsWith("use_")
          && !entry.getKey().equals("use_rslora")
          && !isNothing(entry.getValue())) {
        throw refused(entry.getKey(), entry.getValue().toString());
      }
    }
  }

  private static boolean isNothing(JsonNode value) {
    return value.isMissingNode()
        || value.isNull()
        || (value.isBoolean() && !value.asBoolean())
        || (value.isContainerNode() && value.isEmpty());
  }

  private InvalidModelException refused(String key, String value) {
    return new InvalidModelException(
        "the adapter in %s cannot be used: its %s is %s, which is not supported; plain LoRA of PEFT is. Merge it into its base with PEFT's merge_and_unload and give the merged model instead"
            .formatted(directory, key, value));
  }

  private InvalidModelException another(String what) {
    return new InvalidModelException(
        "the adapter in %s does not fit the model: %s. It was made for %s; give that base"
            .formatted(
                directory,
                what,
                described.path("base_model_name_or_path").asText("another model")));
  }

  /** Those that the file holds, because target_modules may also be a pattern. */
  private Set<Projection> targets() throws InvalidModelException {
    Set<Projection> targets = EnumSet.noneOf(Projection.class);
    for (String name : weights.names()) {
      String[] parts = name.split("\\.", -1);
      String word = parts.length < 3 ? name : parts[parts.length - 3];
      targets.add(
          Projection.of(word)
              .orElseThrow(
                  () ->
                      another(
                          "it holds %s, which is none of its layers' matrices".formatted(name))));
    }
    if (targets.isEmpty()) {
      throw another("it holds no tensors");
    }
    return targets;
  }

  private int rank(Set<Projection> targets) throws InvalidModelException {
    int rank = (int) number("r");
    Projection first = targets.iterator().next();
    return rank < 1 ? Math.toIntExact(stored(0, first, "A").shape()[0]) : rank;
  }

  private double number(String key) throws InvalidModelException {
    if (!described.path(key).isNumber()) {
      throw new InvalidModelException(
          "%s of the adapter in %s has no number '%s'; save the adapter again with PEFT"
              .formatted(PeftFiles.CONFIG, directory, key));
    }
    return described.path(key).asDouble();
  }

  private float[] matrix(
      Set<String> unread, int layer, Projection target, String matrix, int rows, int columns)
      throws InvalidModelException {
    Weights.Stored stored = stored(layer, target, matrix);
    long[] expected = {rows, columns};
    if (!Arrays.equals(stored.shape(), expected)) {
      throw another(
          "its %s has the shape %s, the model's would have %s"
              .formatted(
                  PeftFiles.tensor(layer, target, matrix),
                  Arrays.toString(stored.shape()),
                  Arrays.toString(expected)));
    }
    unread.remove(PeftFiles.tensor(layer, target, matrix));
    return stored.floats();
  }

  private Weights.Stored stored(int layer, Projection target, String matrix)
      throws InvalidModelException {
    String name = PeftFiles.tensor(layer, target, matrix);
    if (!weights.has(name)) {
      throw another("it holds no %s".formatted(name));
    }
    return weights.tensor(name);
  }
}
