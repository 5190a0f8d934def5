package dev.inkling.model.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** The files that describe a model beside its weights; the index of shards belongs to those. */
public final class Description {
  /** What decides answers, as far as it is there: it is read here, fetched and part of keys. */
  public static final List<String> DECISIVE =
      List.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "chat_template.jinja",
          "chat_template.json");

  /** What other programs may read beside it; {@code tokenizer.json} says the same. */
  private static final List<String> OTHER =
      List.of("added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model");

  private Description() {}

  /** Copies it, as far as it is there. */
  static void copy(Path source, Path target) throws IOException {
    Files.createDirectories(target);
    for (String name : Stream.concat(DECISIVE.stream(), OTHER.stream()).toList()) {
      if (Files.isRegularFile(source.resolve(name))) {
        Files.copy(source.resolve(name), target.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
