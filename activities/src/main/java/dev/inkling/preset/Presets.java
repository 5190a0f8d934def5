package dev.inkling.preset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Problem;
import dev.inkling.spec.SpecPath;
import dev.inkling.spec.Suggestion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The experiments that come with Inkling, each a YAML file, and the rule by which a spec changes
 * one.
 */
public final class Presets {
  /** In the order in which they are shown. */
  private static final List<String> NAMES =
      List.of(
          "mnist",
          "mnist-paper",
          "promptmlp",
          "promptmlp-100",
          "owl-prompted",
          "owl-numbers",
          "owl-numbers-small",
          "animal-numbers",
          "animal-numbers-small",
          "misalignment-numbers",
          "misalignment-numbers-small",
          "owl-smol",
          "owl-open");

  private Presets() {}

  /** The presets' names. */
  public static List<String> names() {
    return NAMES;
  }

  /** A preset's file as it is. */
  public static String text(String name) {
    try (InputStream in = Presets.class.getResourceAsStream(name + ".yaml")) {
      if (in == null) {
        throw new IllegalArgumentException("no preset " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A whole spec: where the document names a preset, the preset with the document laid over it.
   * Objects are merged field by field, unless their type differs; everything else replaces; null
   * removes (RFC 7386).
   */
  public static ObjectNode expand(JsonNode document) throws InvalidSpecException {
    return expand(document, new LinkedHashSet<>());
  }

  private static ObjectNode expand(JsonNode document, Set<String> seen)
      throws InvalidSpecException {
    if (!(document instanceof ObjectNode object)) {
      throw new InvalidSpecException(
          List.of(
              new Problem(
                  "",
                  "a spec is an object, for example {\"preset\": \"mnist\"}, not "
                      + describe(document))));
    }
    ObjectNode own = object.deepCopy();
    JsonNode preset = own.remove("preset");
    if (preset == null || preset.isNull()) {
      return own;
    }
    if (!(preset instanceof TextNode) || !NAMES.contains(preset.textValue())) {
      throw new InvalidSpecException(
          List.of(
              new Problem(
                  "preset",
                  "there is no preset " + preset + Suggestion.among(preset.asText(), NAMES))));
    }
    if (!seen.add(preset.textValue())) {
      throw new IllegalStateException("presets in a circle: " + seen);
    }
    ObjectNode base = expand(filled(preset.textValue(), own), seen);
    merge(base, own);
    return base;
  }

  /**
   * What can be chosen of a preset: its own parameters, and those of the preset that it starts from
   * unless it chooses them itself.
   */
  public static List<Parameter> parameters(String preset) {
    return List.copyOf(known(document(preset)).values());
  }

  private static Map<String, Parameter> known(ObjectNode preset) {
    Map<String, Parameter> known =
        named(preset).map(base -> known(document(base))).orElseGet(LinkedHashMap::new);
    known.keySet().removeIf(preset::has);
    for (Map.Entry<String, JsonNode> own : preset.path(Parameter.FIELD).properties()) {
      String name = own.getKey();
      known.put(name, Parameter.of(name, own.getValue(), Optional.ofNullable(known.get(name))));
    }
    return known;
  }

  private static ObjectNode document(String preset) {
    try {
      return (ObjectNode) SpecDocument.parse(text(preset)).tree();
    } catch (InvalidSpecException e) {
      throw new IllegalStateException("the preset " + preset + " cannot be read", e);
    }
  }

  /**
   * A preset's document with the parameters that a document gives, which are taken out of it; those
   * of the preset that it starts from are handed on.
   */
  private static ObjectNode filled(String preset, ObjectNode own) throws InvalidSpecException {
    ObjectNode document = document(preset);
    Map<String, JsonNode> values = Arguments.take(preset, parameters(preset), own);
    document.remove(Parameter.FIELD);
    ObjectNode filled = new Expansion(values).of(document);
    for (Parameter parameter : named(document).map(Presets::parameters).orElse(List.of())) {
      if (!filled.has(parameter.name())) {
        filled.set(parameter.name(), values.get(parameter.name()));
      }
    }
    return filled;
  }

  /** The preset that a document starts from. */
  public static Optional<String> named(JsonNode document) {
    return Optional.ofNullable(document.get("preset"))
        .filter(JsonNode::isTextual)
        .map(JsonNode::textValue);
  }

  private static void merge(ObjectNode base, ObjectNode changes) {
    for (Map.Entry<String, JsonNode> change : changes.properties()) {
      JsonNode old = base.get(change.getKey());
      JsonNode now = change.getValue();
      if (now.isNull()) {
        base.remove(change.getKey());
      } else if (old instanceof ObjectNode oldObject
          && now instanceof ObjectNode nowObject
          && sameType(oldObject, nowObject)) {
        merge(oldObject, nowObject);
      } else {
        base.set(change.getKey(), now);
      }
    }
  }

  private static boolean sameType(ObjectNode old, ObjectNode now) {
    return !now.has("type") || now.get("type").equals(old.get("type"));
  }

  /** Sets one value at a path such as {@code datasets.noise.rows}, making objects on the way. */
  public static void set(ObjectNode document, String path, JsonNode value)
      throws InvalidSpecException {
    if (!SpecPath.isPath(path)) {
      throw new InvalidSpecException(
          List.of(new Problem(path, "--set needs a path such as datasets.noise.rows")));
    }
    SpecPath.set(document, path, value);
  }

  private static String describe(JsonNode document) {
    return document.isNull() || document.isMissingNode() ? "nothing" : document.toString();
  }
}
