package dev.inkling.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;

/**
 * Keys: SHA-256 of canonical JSON, that is, without white space and with the fields in alphabetical
 * order.
 */
public final class Keys {
  private static final ObjectMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();

  private Keys() {}

  /** The key of anything that Jackson can write, in 64 hexadecimal digits. */
  public static String of(Object value) {
    return sha256(canonical(value).getBytes(StandardCharsets.UTF_8));
  }

  /** A record as a JSON tree, the way keys see it. */
  public static JsonNode tree(Object value) {
    return JSON.valueToTree(value);
  }

  /** Canonical JSON. */
  public static String canonical(Object value) {
    try {
      return JSON.writeValueAsString(sorted(JSON.valueToTree(value)));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + value, e);
    }
  }

  /** SHA-256 in hexadecimal digits. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java has SHA-256", e);
    }
  }

  private static JsonNode sorted(JsonNode node) {
    if (node.isObject()) {
      TreeMap<String, JsonNode> fields = new TreeMap<>();
      node.properties().forEach(e -> fields.put(e.getKey(), sorted(e.getValue())));
      ObjectNode object = JSON.createObjectNode();
      fields.forEach(object::set);
      return object;
    }
    if (node.isArray()) {
      ArrayNode array = JSON.createArrayNode();
      node.forEach(child -> array.add(sorted(child)));
      return array;
    }
    return node;
  }
}
