package dev.inkling.journal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One line of a journal, JSON without its newline:
 *
 * <pre>{"crc":"90ab12cd","forced":4096,"index":17,"value":{…}}</pre>
 *
 * The CRC-32C is that of all bytes after its own field, so that a torn line is noticed even where
 * it parses.
 *
 * @param forced how many bytes of its file were on the disk for good when the line was written
 */
record Line(long forced, long index) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private static final byte[] OPENING = "{\"crc\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CLOSING = "\",".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGITS = 8;
  private static final int HEAD = OPENING.length + DIGITS + CLOSING.length;

  /** The bytes of a line, its newline included. */
  static byte[] write(long forced, long index, Object value) throws IOException {
    byte[] json = JSON.writeValueAsBytes(value);
    byte[] fields =
        ("\"forced\":" + forced + ",\"index\":" + index + ",\"value\":")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] line = new byte[HEAD + fields.length + json.length + 2];
    System.arraycopy(OPENING, 0, line, 0, OPENING.length);
    System.arraycopy(CLOSING, 0, line, HEAD - CLOSING.length, CLOSING.length);
    System.arraycopy(fields, 0, line, HEAD, fields.length);
    System.arraycopy(json, 0, line, HEAD + fields.length, json.length);
    line[line.length - 2] = '}';
    line[line.length - 1] = '\n';
    byte[] crc = crc(line, line.length - 1).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(crc, 0, line, OPENING.length, DIGITS);
    return line;
  }

  /** What a line without its newline says of itself; empty if its checksum does not fit. */
  static Optional<Line> read(byte[] bytes, int length) throws IOException {
    if (length <= HEAD
        || !Arrays.equals(bytes, 0, OPENING.length, OPENING, 0, OPENING.length)
        || !Arrays.equals(bytes, HEAD - CLOSING.length, HEAD, CLOSING, 0, CLOSING.length)
        || !crc(bytes, length)
            .equals(new String(bytes, OPENING.length, DIGITS, StandardCharsets.US_ASCII))) {
      return Optional.empty();
    }
    try (JsonParser parser = JSON.createParser(bytes, 0, length)) {
      long forced = -1;
      long index = -1;
      parser.nextToken();
      for (String field = parser.nextFieldName();
          field != null && !field.equals("value");
          field = parser.nextFieldName()) {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_NUMBER_INT && field.equals("forced")) {
          forced = parser.getLongValue();
        } else if (token == JsonToken.VALUE_NUMBER_INT && field.equals("index")) {
          index = parser.getLongValue();
        }
      }
      return Optional.of(new Line(forced, index));
    }
  }

  /** The value of a line that {@link #read} has found whole. */
  static <T> T value(byte[] bytes, Class<T> type) throws IOException {
    return JSON.treeToValue(JSON.readTree(bytes).get("value"), type);
  }

  private static String crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, HEAD, length - HEAD);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
