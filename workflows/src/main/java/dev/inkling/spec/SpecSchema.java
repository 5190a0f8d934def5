package dev.inkling.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The JSON Schema (draft 2020-12) of a spec file, made from the records, so that editors complete
 * and check YAML.
 */
public final class SpecSchema {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode definitions = JSON.createObjectNode();

  private final Map<String, Class<?>> defined = new HashMap<>();

  private SpecSchema() {}

  /** The schema of a spec file: a whole spec, or a preset's name and what differs from it. */
  public static ObjectNode schema() {
    SpecSchema schema = new SpecSchema();
    ObjectNode root = JSON.createObjectNode();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.put("title", "Inkling experiment");
    root.put("type", "object");
    Shape.Fields experiment = (Shape.Fields) Shape.of(ExperimentSpec.class);
    // What a spec with a preset leaves out, also inside a model or condition, comes from the
    // preset.
    root.putObject("if").putArray("required").add("preset");
    root.set("then", overrides(experiment));
    root.putObject("else").put("$ref", schema.define(experiment, null, false));
    root.set("$defs", schema.definitions);
    return root;
  }

  private static ObjectNode overrides(Shape.Fields experiment) {
    ObjectNode node = JSON.createObjectNode();
    ObjectNode properties = node.putObject("properties");
    properties
        .putObject("preset")
        .put("type", "string")
        .put("description", "The preset that this spec starts from.");
    for (Shape.Member member : experiment.members()) {
      properties.putObject(member.name()).put("description", member.field().value());
    }
    // The preset's parameters; which there are, only the preset knows.
    node.putObject("additionalProperties")
        .put("description", "A parameter of the preset: see inkling presets.")
        .putArray("type")
        .add("string")
        .add("number")
        .add("array");
    return node;
  }

  private ObjectNode node(Shape shape, @Nullable Field field) {
    ObjectNode node = JSON.createObjectNode();
    switch (shape) {
      case Shape.Text _ -> {
        node.put("type", "string");
        if (field != null && !field.pattern().isEmpty()) {
          node.put("pattern", "^" + field.pattern() + "$");
        }
      }
      case Shape.Flag _ -> node.put("type", "boolean");
      case Shape.Whole _ -> range(node.put("type", "integer"), field);
      case Shape.Real _ -> range(node.put("type", "number"), field);
      case Shape.Choice choice -> choice.values().keySet().forEach(node.putArray("enum")::add);
      case Shape.Array array -> {
        node.put("type", "array");
        node.set("items", node(array.of(), field));
        if (field != null && field.minSize() > 0) {
          node.put("minItems", field.minSize());
        }
      }
      case Shape.Table table -> {
        node.put("type", "object");
        node.set("additionalProperties", node(table.of(), null));
      }
      case Shape.Fields fields -> node.put("$ref", define(fields, null, false));
      case Shape.OneOf oneOf -> {
        ArrayNode kinds = node.putArray("oneOf");
        oneOf
            .kinds()
            .forEach(
                (name, type) ->
                    kinds
                        .addObject()
                        .put(
                            "$ref",
                            define(
                                (Shape.Fields) Shape.of(type),
                                name,
                                !oneOf.untyped().equals(Optional.of(type)))));
      }
    }
    return node;
  }

  private String define(Shape.Fields fields, @Nullable String type, boolean typeRequired) {
    String name = type == null ? fields.type().getSimpleName() : type;
    if (defined.getOrDefault(name, fields.type()) != fields.type()) {
      // Two interfaces have a kind of that name.
      name += "-" + fields.type().getDeclaringClass().getSimpleName();
    }
    if (defined.put(name, fields.type()) == null) {
      definitions.putObject(name); // holds the place, should the record contain itself
      definitions.set(name, fields(fields, type, typeRequired));
    }
    return "#/$defs/" + name;
  }

  private ObjectNode fields(Shape.Fields fields, @Nullable String type, boolean typeRequired) {
    ObjectNode node = JSON.createObjectNode();
    node.put("type", "object");
    ObjectNode properties = node.putObject("properties");
    ArrayNode required = JSON.createArrayNode();
    if (type != null) {
      properties.putObject("type").put("const", type);
      if (typeRequired) {
        required.add("type");
      }
    }
    for (Shape.Member member : fields.members()) {
      ObjectNode property = node(member.shape(), member.field());
      property.put("description", member.field().value());
      JsonNode byDefault = SpecReader.byDefault(member);
      if (byDefault != null) {
        property.set("default", byDefault);
      } else if (!member.optional()) {
        required.add(member.name());
      }
      properties.set(member.name(), property);
    }
    node.put("additionalProperties", false);
    if (!required.isEmpty()) {
      node.set("required", required);
    }
    return node;
  }

  private static void range(ObjectNode node, @Nullable Field field) {
    if (field != null && field.min() != Double.NEGATIVE_INFINITY) {
      node.put("minimum", field.min());
    }
    if (field != null && field.max() != Double.POSITIVE_INFINITY) {
      node.put("maximum", field.max());
    }
  }

  /** The kinds that a sealed interface of the spec knows, for the tests that pin them. */
  static List<Class<?>> kinds(Class<?> sealed) {
    return List.copyOf(((Shape.OneOf) Shape.of(sealed)).kinds().values());
  }
}
