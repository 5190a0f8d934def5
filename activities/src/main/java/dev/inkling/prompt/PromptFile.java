package dev.inkling.prompt;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Prompts from a file, one on each line, read as they are asked for. In a file named {@code .jsonl}
 * or {@code .ndjson} a line is a JSON text or an object with the field {@code prompt}, whose other
 * fields are passed over; in any other file a line is the prompt itself. Blank lines are skipped,
 * though they count; a byte-order mark and the carriage return of CR LF are dropped.
 *
 * <p>{@link #hasNext} and {@link #next} throw {@link InvalidPromptFileException} at the first line
 * that holds no prompt, and at the end of a file that holds none at all.
 */
public final class PromptFile implements Iterator<String>, AutoCloseable {
  /** No model reads a longer prompt; without a bound, a binary file would be one endless line. */
  static final int LONGEST = 1_000_000;

  private static final ObjectReader JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .build()
          .readerFor(JsonNode.class);

  private final Path file;
  private final InputStream in;
  private final boolean json;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long line;
  private long prompts;
  private @Nullable String next;

  private PromptFile(Path file, InputStream in, boolean json) {
    this.file = file;
    this.in = in;
    this.json = json;
  }

  /**
   * Opens a file; nothing is read yet.
   *
   * @throws InvalidPromptFileException if there is none, or its name says that it is read otherwise
   * @throws IOException if it is there and cannot be opened
   */
  public static PromptFile open(Path file) throws IOException {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".json")) {
      throw new InvalidPromptFileException(
          file,
          "JSON is read line by line; write one text or {\"prompt\": …} on each and name it .jsonl");
    }
    if (Files.isDirectory(file)) {
      throw new InvalidPromptFileException(file, "is a directory; name a file");
    }
    boolean json = name.endsWith(".jsonl") || name.endsWith(".ndjson");
    try {
      return new PromptFile(file, new BufferedInputStream(Files.newInputStream(file)), json);
    } catch (NoSuchFileException _) {
      throw new InvalidPromptFileException(file, "there is no such file");
    }
  }

  @Override
  public boolean hasNext() {
    try {
      while (next == null && readLine()) {
        line++;
        next = prompt(text()).orElse(null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + ", after line " + line, e);
    }
    if (next == null && prompts == 0) {
      throw new InvalidPromptFileException(file, "holds no prompt; write one on each line");
    }
    return next != null;
  }

  @Override
  public String next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException("no prompt after line " + line);
    }
    String prompt = next;
    next = null;
    prompts++;
    return prompt;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** UTF-8 holds no line feed inside of a character, so lines are found before they are decoded. */
  private boolean readLine() throws IOException {
    bytes.reset();
    int read = in.read();
    if (read < 0) {
      return false;
    }
    for (; read >= 0 && read != '\n'; read = in.read()) {
      if (bytes.size() == LONGEST) {
        line++;
        throw invalid(String.format(Locale.ROOT, "longer than %,d bytes", LONGEST));
      }
      bytes.write(read);
    }
    return true;
  }

  private String text() {
    String text;
    try {
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString();
    } catch (CharacterCodingException _) {
      throw invalid("is not UTF-8 text; save the file as UTF-8");
    }
    if (text.indexOf('\0') >= 0) {
      throw invalid("holds the character U+0000; a file in UTF-16 has to be saved as UTF-8");
    }
    int start = line == 1 && text.startsWith("\uFEFF") ? 1 : 0;
    int end = text.endsWith("\r") ? text.length() - 1 : text.length();
    return text.substring(start, Math.max(start, end));
  }

  private Optional<String> prompt(String text) {
    if (text.isBlank()) {
      return Optional.empty();
    }
    return Optional.of(json ? fromJson(text) : text);
  }

  private String fromJson(String text) {
    JsonNode tree = tree(text);
    JsonNode prompt = tree.isObject() ? tree.path("prompt") : tree;
    if (prompt.isMissingNode()) {
      throw invalid("the object has no field \"prompt\"");
    }
    if (!prompt.isTextual()) {
      throw invalid(
          "a prompt is a text in quotes, not "
              + prompt.getNodeType().name().toLowerCase(Locale.ROOT));
    }
    if (prompt.textValue().isBlank()) {
      throw invalid("the prompt is empty");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(prompt.textValue())) {
      throw invalid("the prompt holds half of a surrogate pair (\\ud800 to \\udfff)");
    }
    return prompt.textValue();
  }

  private JsonNode tree(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonParseException e) {
      // Not Jackson's own words: they speak of Jackson's settings.
      throw invalid(
          "not JSON, from column "
              + e.getLocation().getColumnNr()
              + " on; write \"a text\" or {\"prompt\": \"a text\"}");
    } catch (MismatchedInputException _) {
      throw invalid("more than one JSON value, or a field that stands there twice");
    } catch (JsonProcessingException _) {
      throw invalid("JSON nested too deep, or with too long a number, to be read");
    }
  }

  private InvalidPromptFileException invalid(String message) {
    return new InvalidPromptFileException(file, line, message);
  }
}
