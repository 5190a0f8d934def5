package dev.inkling.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;

/** An object of a configuration file, whose values are asked for by name. */
record ConfigNode(Path file, JsonNode node) {
  /** Whether the name is there with a value. */
  boolean has(String name) {
    return node.hasNonNull(name);
  }

  /** Whether the name is there, perhaps with null. */
  boolean says(String name) {
    return node.has(name);
  }

  JsonNode child(String name) {
    return node.path(name);
  }

  ConfigNode object(String name) {
    return new ConfigNode(file, node.path(name));
  }

  /** A whole number above nought; without a usual one (0) it must be there. */
  int size(String name, int usual) throws InvalidModelException {
    if (!has(name) && usual > 0) {
      return usual;
    }
    JsonNode value = node.path(name);
    if (!value.canConvertToInt() || !value.isIntegralNumber() || value.asInt() <= 0) {
      throw wrong(name, "a whole number above 0");
    }
    return value.asInt();
  }

  double number(String name, double usual) throws InvalidModelException {
    return has(name) ? required(name) : usual;
  }

  double required(String name) throws InvalidModelException {
    if (!node.path(name).isNumber() || !(node.path(name).asDouble() > 0)) {
      throw wrong(name, "a number above 0");
    }
    return node.path(name).asDouble();
  }

  boolean flag(String name, boolean usual) throws InvalidModelException {
    if (has(name) && !node.path(name).isBoolean()) {
      throw wrong(name, "true or false");
    }
    return node.path(name).asBoolean(usual);
  }

  String text(String name, String usual) {
    return has(name) ? node.path(name).asText() : usual;
  }

  InvalidModelException unsupported(String name, String value) {
    return new InvalidModelException(
        "%s: %s is %s, which is not supported. Choose a model without it."
            .formatted(file, name, value));
  }

  private InvalidModelException wrong(String name, String expected) {
    return new InvalidModelException(
        "%s: %s should be %s, but is %s. Download the model again."
            .formatted(file, name, expected, says(name) ? node.path(name) : "not there"));
  }
}
