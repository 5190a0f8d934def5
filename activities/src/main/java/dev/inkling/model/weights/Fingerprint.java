package dev.inkling.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.artifact.Disk;
import dev.inkling.plan.Keys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** The identity of a local model directory. */
final class Fingerprint {
  private static final String INDEX = "model.safetensors.index.json";

  /** What decides answers beside the weights, as far as it is there. */
  private static final List<String> SMALL =
      List.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "chat_template.jinja",
          "chat_template.json");

  private Fingerprint() {}

  static String of(Path directory) throws InvalidModelException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String name : names(directory)) {
      // Names have no line breaks and hashes one length, so that no two lists read the same.
      all.writeBytes((name + "\n").getBytes(StandardCharsets.UTF_8));
      all.writeBytes(HexFormat.of().parseHex(contents(directory.resolve(name))));
    }
    return Keys.sha256(all.toByteArray());
  }

  private static SortedSet<String> names(Path directory) throws InvalidModelException {
    SortedSet<String> names = new TreeSet<>();
    for (String name : SMALL) {
      if (Files.isRegularFile(directory.resolve(name))) {
        names.add(name);
      }
    }
    JsonNode index = JsonFile.optional(directory.resolve(INDEX));
    if (index.isMissingNode()) {
      names.add("model.safetensors");
    } else {
      names.add(INDEX);
      index.path("weight_map").forEach(shard -> names.add(shard.asText()));
    }
    return names;
  }

  private static String contents(Path file) throws InvalidModelException {
    try {
      return Disk.sha256(file);
    } catch (IOException e) {
      throw new InvalidModelException(
          "%s cannot be read (%s). Download the model again.".formatted(file, e), e);
    }
  }
}
