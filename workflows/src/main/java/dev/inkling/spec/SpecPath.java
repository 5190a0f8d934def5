package dev.inkling.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** A place in a spec's document, such as {@code datasets.noise.rows}. */
public final class SpecPath {
  private SpecPath() {}

  /** Whether a text can be a path: names with dots between them, none of them empty. */
  public static boolean isPath(String path) {
    return names(path).stream().noneMatch(String::isBlank);
  }

  /**
   * Sets one value, making objects on the way.
   *
   * @throws IllegalArgumentException if it is no path
   */
  public static void set(ObjectNode document, String path, JsonNode value) {
    if (!isPath(path)) {
      throw new IllegalArgumentException("'" + path + "' is no path such as datasets.noise.rows");
    }
    List<String> names = names(path);
    ObjectNode at = document;
    String last = names.removeLast();
    for (String name : names) {
      JsonNode next = at.get(name);
      at = next instanceof ObjectNode object ? object : at.putObject(name);
    }
    at.set(last, value);
  }

  private static List<String> names(String path) {
    return new ArrayList<>(List.of(path.split("\\.", -1)));
  }
}
