package dev.inkling.preset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Limits;
import dev.inkling.spec.Problem;
import java.io.StringReader;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A YAML text as a JSON tree that remembers on which line each part stands. JSON is YAML, so both
 * are read alike.
 *
 * @param tree the document
 * @param lines the line of each path, from 1
 */
public record SpecDocument(JsonNode tree, Map<String, Integer> lines) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** A spec's own fields stand six deep at most. */
  private static final int DEEPEST = 30;

  /** The largest spec that could be written has fewer. */
  private static final int MOST_PARTS = 100_000;

  /** No number has more digits; a longer one would take quadratic time to recognise. */
  private static final int LONGEST_NUMBER = 60;

  public SpecDocument {
    lines = Map.copyOf(lines);
  }

  /** Reads one document. */
  public static SpecDocument parse(String text) throws InvalidSpecException {
    if (text.length() > Limits.SPEC_BYTES) {
      throw new InvalidSpecException(List.of(tooLarge(text.length())));
    }
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setNestingDepthLimit(DEEPEST);
    try {
      Node node = new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
      if (node == null) {
        throw new InvalidSpecException(List.of(new Problem("", "the document is empty")));
      }
      Reader reader = new Reader();
      return new SpecDocument(reader.tree(node, "", 0), reader.lines);
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
      throw new InvalidSpecException(
          List.of(new Problem("", "line " + line + ": " + e.getProblem())));
    } catch (YAMLException e) {
      throw new InvalidSpecException(List.of(new Problem("", "not YAML: " + e.getMessage())));
    }
  }

  /** One value as it would stand in YAML, for {@code --set path=value}. */
  public static JsonNode value(String text) throws InvalidSpecException {
    return text.isBlank() ? JSON.textNode(text) : parse(text).tree();
  }

  /** The line on which a path, or the nearest part above it, stands. */
  public OptionalInt line(String path) {
    for (String at = path; !at.isEmpty(); at = parent(at)) {
      Integer line = lines.get(at);
      if (line != null) {
        return OptionalInt.of(line);
      }
    }
    return OptionalInt.empty();
  }

  private static String parent(String path) {
    int cut = Math.max(path.lastIndexOf('.'), path.lastIndexOf('['));
    return cut < 0 ? "" : path.substring(0, cut);
  }

  /** What is said of a spec of so many bytes. */
  public static Problem tooLarge(long bytes) {
    return new Problem(
        "",
        String.format(
            Locale.ROOT,
            "the spec has %,d bytes, more than %,d: Temporal takes it as one message",
            bytes,
            Limits.SPEC_BYTES));
  }

  /** Aliases (*name) stand for copies, and copies of copies grow without end: they are counted. */
  private static final class Reader {
    private final Map<String, Integer> lines = new HashMap<>();
    private int parts;

    private JsonNode tree(Node node, String path, int depth) throws InvalidSpecException {
      if (depth > DEEPEST || ++parts > MOST_PARTS) {
        throw new InvalidSpecException(
            List.of(
                new Problem(
                    "",
                    "line "
                        + (node.getStartMark().getLine() + 1)
                        + ": "
                        + (depth > DEEPEST
                            ? "nested more than " + DEEPEST + " deep"
                            : "more than "
                                + MOST_PARTS
                                + " values, aliases (*name) written out"))));
      }
      lines.putIfAbsent(path, node.getStartMark().getLine() + 1);
      return switch (node) {
        case MappingNode mapping -> {
          ObjectNode object = JSON.objectNode();
          for (NodeTuple entry : mapping.getValue()) {
            String name = entry.getKeyNode() instanceof ScalarNode key ? key.getValue() : "?";
            String child = path.isEmpty() ? name : path + "." + name;
            if (object.has(name)) {
              int line = entry.getKeyNode().getStartMark().getLine() + 1;
              throw new InvalidSpecException(
                  List.of(new Problem(child, "line " + line + ": stands there twice")));
            }
            lines.put(child, entry.getKeyNode().getStartMark().getLine() + 1);
            object.set(name, tree(entry.getValueNode(), child, depth + 1));
          }
          yield object;
        }
        case SequenceNode sequence -> {
          ArrayNode array = JSON.arrayNode();
          for (Node child : sequence.getValue()) {
            array.add(tree(child, path + "[" + array.size() + "]", depth + 1));
          }
          yield array;
        }
        case ScalarNode scalar -> scalar(scalar);
        default -> throw new InvalidSpecException(List.of(new Problem(path, "cannot be read")));
      };
    }
  }

  private static JsonNode scalar(ScalarNode node) {
    String text = node.getValue();
    Tag tag = node.getTag();
    if (text.length() > LONGEST_NUMBER) {
      return JSON.textNode(text);
    }
    if (tag.equals(Tag.NULL)) {
      return JSON.nullNode();
    } else if (tag.equals(Tag.BOOL)) {
      return JSON.booleanNode(
          text.equalsIgnoreCase("true")
              || text.equalsIgnoreCase("yes")
              || text.equalsIgnoreCase("on"));
    } else if (tag.equals(Tag.INT) && text.matches("[-+]?[0-9]+")) {
      BigInteger whole = new BigInteger(text);
      return whole.bitLength() < 32
          ? JSON.numberNode(whole.intValue())
          : whole.bitLength() < 64 ? JSON.numberNode(whole.longValue()) : JSON.numberNode(whole);
    } else if ((tag.equals(Tag.FLOAT) || tag.equals(Tag.STR))
        && node.isPlain()
        && text.matches("[-+]?[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?")) {
      // YAML 1.1 takes 3e-4 for a text, because it lacks the dot; JSON and people take it for a
      // number.
      return JSON.numberNode(Double.parseDouble(text));
    }
    return JSON.textNode(text);
  }
}
