package dev.inkling.model.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tokens that {@code tokenizer.json} names, and the bytes that each stands for. Read as a
 * stream, because the merges beside them are many megabytes that are not needed here.
 */
final class Vocabulary {
  /** Each name comes once, so a table of names would only take memory. */
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build());

  private final Map<Integer, String> tokens = new HashMap<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final Set<Integer> special = new HashSet<>();
  private final boolean byteLevel;

  private Vocabulary(Contents contents, boolean byteLevel) {
    this.byteLevel = byteLevel;
    contents.tokens.forEach(this::put);
    for (JsonNode token : contents.added) {
      put(token.path("content").asText(), token.path("id").asInt());
      if (token.path("special").asBoolean()) {
        special.add(token.path("id").asInt());
      }
    }
  }

  private void put(String token, int id) {
    tokens.put(id, token);
    ids.put(token, id);
  }

  /** The parts of the file that matter here. */
  private static final class Contents {
    private final Map<String, Integer> tokens = new HashMap<>();
    private JsonNode added = JSON.createArrayNode();
    private JsonNode decoder = JSON.createObjectNode();
  }

  static Vocabulary read(Path file) throws InvalidModelException {
    Contents contents = new Contents();
    try (JsonParser parser = JSON.createParser(file.toFile())) {
      require(parser.nextToken() == JsonToken.START_OBJECT, file);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "added_tokens" -> contents.added = parser.readValueAsTree();
          case "decoder" -> contents.decoder = parser.readValueAsTree();
          case "model" -> model(parser, contents.tokens);
          default -> parser.skipChildren();
        }
      }
    } catch (IOException e) {
      throw new InvalidModelException(
          "%s cannot be read: %s. Download the model again."
              .formatted(file, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
    require(!contents.tokens.isEmpty(), file);
    List<String> decoders = contents.decoder.findValuesAsText("type");
    boolean sentencePiece =
        decoders.contains("ByteFallback")
            || decoders.contains("Metaspace")
            || decoders.contains("Replace");
    if (!decoders.contains("ByteLevel") && !sentencePiece) {
      throw new InvalidModelException(
          "%s turns tokens into text by %s, which is not supported; byte-level and SentencePiece vocabularies are."
              .formatted(file, decoders.isEmpty() ? "an unnamed decoder" : decoders));
    }
    return new Vocabulary(contents, decoders.contains("ByteLevel"));
  }

  private static void require(boolean right, Path file) throws InvalidModelException {
    if (!right) {
      throw new InvalidModelException(file + " names no tokens. Download the model again.");
    }
  }

  /** Tokens by number, or as pairs of token and score in the order of their numbers. */
  private static void model(JsonParser parser, Map<String, Integer> tokens) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean vocabulary = parser.currentName().equals("vocab");
      JsonToken value = parser.nextToken();
      if (vocabulary && value == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String token = parser.currentName();
          tokens.put(token, parser.nextIntValue(-1));
        }
      } else if (vocabulary && value == JsonToken.START_ARRAY) {
        for (int id = 0; parser.nextToken() == JsonToken.START_ARRAY; id++) {
          tokens.put(parser.nextTextValue(), id);
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            // the score
          }
        }
      } else {
        parser.skipChildren();
      }
    }
  }

  /** One more than the largest id. */
  int size() {
    return tokens.keySet().stream().mapToInt(id -> id + 1).max().orElse(0);
  }

  /** The largest id that text can lead to without naming a special token. */
  int largest() {
    return tokens.keySet().stream()
        .filter(id -> !special.contains(id))
        .mapToInt(id -> id)
        .max()
        .orElse(-1);
  }

  boolean has(String token) {
    return ids.containsKey(token);
  }

  int id(String token) {
    return ids.get(token);
  }

  boolean special(int id) {
    return special.contains(id);
  }

  /** See {@link Tokenizer#bytes}. */
  byte[] bytes(int id) {
    String token = tokens.get(id);
    if (token == null || special.contains(id)) {
      return new byte[0];
    }
    return byteLevel ? byteLevel(token) : sentencePiece(token);
  }

  private static byte[] byteLevel(String token) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(token.length());
    for (int i = 0; i < token.length(); i++) {
      int value = Letters.OF.indexOf(token.charAt(i));
      if (value < 0) {
        // An added token, which is written as it is.
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes.write(value);
    }
    return bytes.toByteArray();
  }

  /** {@code <0x0A>} is a byte, and the lower block a space. */
  private static byte[] sentencePiece(String token) {
    if (token.length() == 6 && token.startsWith("<0x") && token.endsWith(">")) {
      return new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)};
    }
    return token.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The letters in which byte-level vocabularies are written: printable bytes stand for themselves
   * in Latin-1, the others in order for the letters from 256 on (bytes_to_unicode in GPT-2's
   * encoder.py).
   */
  private static final class Letters {
    /** The letter of each byte. */
    static final String OF = letters();

    private Letters() {}

    private static String letters() {
      StringBuilder letters = new StringBuilder(256);
      char moved = 256;
      for (char b = 0; b < 256; b++) {
        boolean plain = (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
        letters.append(plain ? b : moved++);
      }
      return letters.toString();
    }
  }
}
