package dev.inkling.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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

  /** Large enough that a disk reads at its full speed. */
  private static final int CHUNK = 1 << 20;

  private Fingerprint() {}

  static String of(Path directory) throws InvalidModelException {
    MessageDigest all = sha256();
    for (String name : names(directory)) {
      byte[] contents = contents(directory.resolve(name));
      // Names have no line breaks and hashes one length, so that no two lists read the same.
      all.update((name + "\n").getBytes(StandardCharsets.UTF_8));
      all.update(contents);
    }
    return HexFormat.of().formatHex(all.digest());
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

  private static byte[] contents(Path file) throws InvalidModelException {
    MessageDigest digest = sha256();
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        digest.update(chunk, 0, n);
      }
    } catch (IOException e) {
      throw new InvalidModelException(
          "%s cannot be read (%s). Download the model again.".formatted(file, e), e);
    }
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
