package dev.inkling.row;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One line as a row: {@code {"prompt", "completion"}}, with {@code index} and {@code end} if it has
 * them, or a chat, {@code {"messages": [{"role", "content"}, ...]}}. A chat's completion is its
 * last message, which must be the assistant's; its prompt is the last message of the user. What
 * stands before (a system message, earlier turns) and other fields are left out.
 */
final class RowParser {
  private static final JsonFactory JSON = new JsonFactory();

  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private char[] line = new char[1024];
  private @Nullable String prompt;
  private @Nullable String completion;
  private @Nullable String end;
  private long index;
  private boolean chat;

  /** What is wrong with a line. */
  static final class WrongRow extends Exception {
    private static final long serialVersionUID = 1;

    WrongRow(String message) {
      super(message);
    }
  }

  /**
   * The row between two places of some bytes.
   *
   * @param ordinal its index if it does not say one
   */
  Row row(byte[] bytes, int from, int to, long ordinal) throws WrongRow {
    int length = decode(bytes, from, to);
    prompt = null;
    completion = null;
    end = null;
    index = -1;
    chat = false;
    try (JsonParser json = JSON.createParser(line, 0, length)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new WrongRow("is not a JSON object");
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        field(json, name);
      }
      if (json.nextToken() != null) {
        throw new WrongRow("has something after the row's closing brace");
      }
    } catch (JsonProcessingException e) {
      throw new WrongRow("is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory failed", e);
    }
    if (prompt == null || completion == null) {
      throw new WrongRow("has no " + (prompt == null ? "prompt" : "completion"));
    }
    return new Row(
        index < 0 ? ordinal : index, prompt, completion, end == null ? Row.COMPLETE : end);
  }

  /** Decodes a line; how many characters it has. */
  private int decode(byte[] bytes, int from, int to) throws WrongRow {
    if (line.length < to - from) {
      line = new char[Math.max(to - from, 2 * line.length)];
    }
    ByteBuffer encoded = ByteBuffer.wrap(bytes, from, to - from);
    CharBuffer decoded = CharBuffer.wrap(line);
    if (utf8.reset().decode(encoded, decoded, true).isError()) {
      int place = encoded.position() - from + 1;
      throw new WrongRow(
          "byte " + place + " is not UTF-8; convert the file to UTF-8, for example with iconv");
    }
    return decoded.position();
  }

  private void field(JsonParser json, String name) throws IOException, WrongRow {
    json.nextToken();
    switch (name) {
      case "prompt" -> prompt = once(name, prompt, text(json, name));
      case "completion" -> completion = once(name, completion, text(json, name));
      case "end" -> end = once(name, end, text(json, name));
      case "index" -> index(json);
      case "messages" -> messages(json);
      default -> json.skipChildren();
    }
  }

  private String once(String name, @Nullable String before, String now) throws WrongRow {
    if (before != null) {
      boolean fromChat = chat && !name.equals("end");
      throw new WrongRow((fromChat ? "has both messages and " : "has two fields named ") + name);
    }
    return now;
  }

  private String text(JsonParser json, String name) throws IOException, WrongRow {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw new WrongRow(name + " is not a text");
    }
    char[] characters = json.getTextCharacters();
    String text = new String(characters, json.getTextOffset(), json.getTextLength());
    // Only an escape can bring in half of a surrogate pair, and a text with one is not where the
    // line is. UTF-8 has no bytes for such a half and puts a question mark there.
    return characters == line
        ? text
        : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private void index(JsonParser json) throws IOException, WrongRow {
    if (index >= 0) {
      throw new WrongRow("has two fields named index");
    }
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
        || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        || json.getLongValue() < 0) {
      throw new WrongRow("index is not a whole number from 0 on");
    }
    index = json.getLongValue();
  }

  private void messages(JsonParser json) throws IOException, WrongRow {
    if (chat) {
      throw new WrongRow("has two fields named messages");
    }
    if (prompt != null || completion != null) {
      throw new WrongRow("has both messages and " + (prompt != null ? "prompt" : "completion"));
    }
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new WrongRow("messages is not a list");
    }
    chat = true;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      message(json);
    }
    if (completion == null) {
      throw new WrongRow("the last message is not the assistant's");
    }
    if (prompt == null) {
      throw new WrongRow("no message is the user's");
    }
  }

  private void message(JsonParser json) throws IOException, WrongRow {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new WrongRow("a message is not an object with role and content");
    }
    String role = null;
    String content = null;
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      switch (name) {
        case "role" -> role = text(json, "role");
        case "content" -> content = text(json, "content");
        default -> json.skipChildren();
      }
    }
    if (role == null || content == null) {
      throw new WrongRow("a message has no " + (role == null ? "role" : "content"));
    }
    completion = null;
    switch (role) {
      case "user" -> prompt = content;
      case "assistant" -> completion = content;
      case "system", "developer" -> {}
      default ->
          throw new WrongRow(
              "there is no role '" + role + "': system, developer, user and assistant are known");
    }
  }
}
