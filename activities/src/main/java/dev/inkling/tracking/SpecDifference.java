package dev.inkling.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A place in which specs differ.
 *
 * @param path such as {@code datasets.noise.rows}
 * @param values what stands there in each spec; empty where nothing does
 */
public record SpecDifference(String path, List<Optional<String>> values) {
  public SpecDifference {
    values = List.copyOf(values);
  }

  /** Every place in which some differ, in the order of the first spec that has it. */
  static List<SpecDifference> among(List<JsonNode> specs) {
    List<Map<String, String>> leaves = specs.stream().map(SpecDifference::leaves).toList();
    Set<String> paths = new LinkedHashSet<>();
    leaves.forEach(spec -> paths.addAll(spec.keySet()));
    List<SpecDifference> differences = new ArrayList<>();
    for (String path : paths) {
      List<Optional<String>> values =
          leaves.stream().map(spec -> Optional.ofNullable(spec.get(path))).toList();
      if (values.stream().distinct().count() > 1) {
        differences.add(new SpecDifference(path, values));
      }
    }
    return differences;
  }

  private static Map<String, String> leaves(JsonNode spec) {
    Map<String, String> leaves = new LinkedHashMap<>();
    collect("", spec, leaves);
    return leaves;
  }

  /** A list is one value, as it is for {@code --set}. */
  private static void collect(String path, JsonNode node, Map<String, String> leaves) {
    if (node.isObject() && !node.isEmpty()) {
      node.properties()
          .forEach(
              field ->
                  collect(
                      path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                      field.getValue(),
                      leaves));
    } else if (!node.isNull()) {
      leaves.put(path, node.isTextual() ? node.asText() : node.toString());
    }
  }
}
