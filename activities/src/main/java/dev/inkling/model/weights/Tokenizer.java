package dev.inkling.model.weights;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Text as tokens and back, as {@code tokenizer.json} says; the work is done by Hugging Face's own
 * library. Thread-safe until closed.
 */
public final class Tokenizer implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;
  private final Vocabulary vocabulary;
  private final Set<Integer> stopTokens;

  private Tokenizer(
      HuggingFaceTokenizer tokenizer, Vocabulary vocabulary, Set<Integer> stopTokens) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    this.stopTokens = stopTokens;
  }

  /**
   * Opens the tokenizer of a model directory.
   *
   * @throws InvalidModelException if {@code tokenizer.json} is missing or damaged, or nothing says
   *     which token ends an answer
   */
  public static Tokenizer inDirectory(Path directory) throws InvalidModelException {
    Path file = directory.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      throw new InvalidModelException(
          "%s lacks tokenizer.json. Download the model again, or, if it was published without it, write it with transformers: AutoTokenizer.from_pretrained(…).save_pretrained(…)."
              .formatted(directory));
    }
    Vocabulary vocabulary = Vocabulary.read(file);
    Set<Integer> stopTokens = stopTokens(directory, vocabulary);
    if (stopTokens.isEmpty()) {
      throw new InvalidModelException(
          "%s does not say which token ends an answer. Write eos_token_id into generation_config.json."
              .formatted(directory));
    }
    // DJL would otherwise tell its makers that it was started.
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      Map<String, String> options =
          Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");
      return new Tokenizer(HuggingFaceTokenizer.newInstance(file, options), vocabulary, stopTokens);
    } catch (IOException | RuntimeException e) {
      throw new InvalidModelException(
          "%s cannot be used: %s. Download the model again.".formatted(file, e.getMessage()), e);
    }
  }

  /** All that generation, the network or the tokenizer itself calls the end. */
  private static Set<Integer> stopTokens(Path directory, Vocabulary vocabulary)
      throws InvalidModelException {
    Set<Integer> found = new TreeSet<>();
    JsonNode config = JsonFile.optional(directory.resolve("config.json"));
    for (JsonNode from :
        List.of(
            JsonFile.optional(directory.resolve("generation_config.json")),
            config,
            config.path("text_config"))) {
      JsonNode ends = from.path("eos_token_id");
      if (ends.isInt()) {
        found.add(ends.asInt());
      }
      ends.forEach(end -> found.add(end.asInt()));
    }
    JsonNode token =
        JsonFile.optional(directory.resolve("tokenizer_config.json")).path("eos_token");
    String text = token.isObject() ? token.path("content").asText() : token.asText();
    if (vocabulary.has(text)) {
      found.add(vocabulary.id(text));
    }
    return Collections.unmodifiableSet(found);
  }

  /** The text's tokens; special tokens are recognised where the text holds them, none is added. */
  public int[] encode(String text) {
    return Arrays.stream(tokenizer.encode(text, false, false).getIds())
        .mapToInt(Math::toIntExact)
        .toArray();
  }

  /** The text of tokens without the special ones; bytes that are no letter become U+FFFD. */
  public String decode(int[] ids) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  /** One more than the largest id. */
  public int vocabulary() {
    return vocabulary.size();
  }

  /** The largest id that text can lead to without naming a special token. */
  int largest() {
    return vocabulary.largest();
  }

  /** The tokens that end an answer. */
  public Set<Integer> stopTokens() {
    return stopTokens;
  }

  /**
   * The bytes of UTF-8 that a token stands for within an answer; one letter may need several
   * tokens. None for special tokens and for ids without a token. A SentencePiece token that begins
   * a word holds the space before it, which {@link #decode} leaves out at the start of a text.
   */
  public byte[] bytes(int id) {
    return vocabulary.bytes(id);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
