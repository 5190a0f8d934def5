package dev.inkling.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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

  /**
   * Every place in which some differ, in the order of the first spec that has it. A part that only
   * one of them has is one place.
   */
  static List<SpecDifference> among(List<JsonNode> specs) {
    List<SpecDifference> differences = new ArrayList<>();
    compare("", specs, differences);
    return differences;
  }

  private static void compare(String path, List<JsonNode> parts, List<SpecDifference> differences) {
    List<JsonNode> there = parts.stream().filter(part -> text(part).isPresent()).toList();
    if (there.stream().allMatch(JsonNode::isObject)
        && (there.size() > 1 || there.size() == parts.size())) {
      Set<String> fields = new LinkedHashSet<>();
      parts.forEach(part -> part.fieldNames().forEachRemaining(fields::add));
      for (String field : fields) {
        compare(
            path.isEmpty() ? field : path + "." + field,
            parts.stream().map(part -> part.path(field)).toList(),
            differences);
      }
      return;
    }
    List<Optional<String>> values = parts.stream().map(SpecDifference::text).toList();
    if (values.stream().distinct().count() > 1) {
      differences.add(new SpecDifference(path, values));
    }
  }

  /** A list is one value, as it is for {@code --set}. */
  private static Optional<String> text(JsonNode part) {
    return part.isMissingNode() || part.isNull()
        ? Optional.empty()
        : Optional.of(part.isTextual() ? part.asText() : part.toString());
  }
}
