package dev.inkling.prompt;

import dev.inkling.prompt.NumberBank.Part;
import dev.inkling.spec.Problem;
import dev.inkling.spec.Suggestion;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.StreamReader;

/** Reads a bank and notes everything that is wrong with it before it refuses it. */
final class NumberBankReader {
  /** Ours has 10 kB; a larger file is a mistake, and the limit bounds what a bad one can cost. */
  static final int MOST_BYTES = 1_000_000;

  /** A bank is lists in an object, two deep. */
  private static final int DEEPEST = 10;

  private final List<Problem> problems = new ArrayList<>();
  private final Map<Part, List<Template>> templates = new EnumMap<>(Part.class);
  private long characters;

  private NumberBankReader() {}

  /** Reads a bank; the source is its name in messages. */
  static NumberBank read(String source, InputStream in) throws IOException {
    Node root = compose(source, text(source, in.readNBytes(MOST_BYTES + 1)));
    NumberBankReader reader = new NumberBankReader();
    reader.bank(root);
    if (!reader.problems.isEmpty()) {
      throw new InvalidBankException(source, reader.problems);
    }
    return new NumberBank(reader.templates);
  }

  /** The exception for a file of which nothing else can be said. */
  static InvalidBankException refused(String source, String message) {
    return new InvalidBankException(source, List.of(new Problem("", message)));
  }

  private static String text(String source, byte[] bytes) {
    if (bytes.length > MOST_BYTES) {
      throw refused(source, String.format(Locale.ROOT, "larger than %,d bytes", MOST_BYTES));
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      throw refused(
          source, "line " + (1 + lines(out.flip())) + " is not UTF-8 text; save the file as UTF-8");
    }
    String text = out.flip().toString();
    requirePrintable(source, text);
    return text;
  }

  /** YAML refuses these characters too, but does not say where they are. */
  private static void requirePrintable(String source, String text) {
    int line = 1;
    for (int character : text.codePoints().toArray()) {
      if (!StreamReader.isPrintable(character)) {
        throw refused(
            source,
            String.format(
                Locale.ROOT, "line %d holds the character U+%04X: no text file", line, character));
      }
      line += character == '\n' ? 1 : 0;
    }
  }

  private static long lines(CharSequence text) {
    return text.chars().filter(c -> c == '\n').count();
  }

  private static Node compose(String source, String text) {
    LoaderOptions options = new LoaderOptions();
    options.setNestingDepthLimit(DEEPEST);
    try {
      // Composed, not constructed: nothing in the file can name a class, and aliases stay shared.
      Node root = new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
      if (root == null) {
        throw refused(source, "the file is empty; a bank has the keys " + keys());
      }
      return root;
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      String line = mark == null ? "" : "line " + (mark.getLine() + 1) + ": ";
      throw refused(source, line + "not YAML: " + e.getProblem());
    } catch (YAMLException e) {
      throw refused(source, "not YAML: " + e.getMessage());
    }
  }

  private static String keys() {
    return String.join(", ", Stream.of(Part.values()).map(Part::key).toList());
  }

  private void bank(Node root) {
    if (!(root instanceof MappingNode mapping)) {
      problem("", root, "a bank is an object with the keys " + keys());
      return;
    }
    for (NodeTuple entry : mapping.getValue()) {
      key(entry.getKeyNode(), entry.getValueNode());
    }
    for (Part part : Part.values()) {
      if (!templates.containsKey(part)) {
        problems.add(new Problem(part.key(), "is missing; add a list of texts"));
      }
    }
    if (characters > MOST_BYTES) {
      problems.add(
          new Problem(
              "",
              String.format(
                  Locale.ROOT,
                  "more than %,d characters with aliases (*name) written out",
                  MOST_BYTES)));
    }
  }

  private void key(Node keyNode, Node list) {
    String key = keyNode instanceof ScalarNode scalar ? scalar.getValue() : "?";
    Optional<Part> part = Stream.of(Part.values()).filter(p -> p.key().equals(key)).findFirst();
    if (part.isEmpty()) {
      List<String> known = Stream.of(Part.values()).map(Part::key).toList();
      problem(key, keyNode, "there is no such key" + Suggestion.among(key, known));
    } else if (templates.containsKey(part.get())) {
      problem(key, keyNode, "stands there twice; keep one");
    } else {
      templates.put(part.get(), list(part.get(), list));
    }
  }

  private List<Template> list(Part part, Node node) {
    List<Template> list = new ArrayList<>();
    if (!(node instanceof SequenceNode sequence)) {
      problem(part.key(), node, "must be a list of texts, each on its own line after a dash");
      return list;
    }
    if (sequence.getValue().isEmpty()) {
      problem(part.key(), node, "the list is empty; it needs at least one text");
    }
    int number = 0;
    for (Node entry : sequence.getValue()) {
      String place = part.key() + ", entry " + ++number;
      String text = entry(place, entry).orElse("");
      // What is written out may be far larger than the file, where aliases repeat a long text.
      characters += text.length();
      if (!text.isEmpty() && characters <= MOST_BYTES) {
        list.add(template(place, part, entry, text));
      }
    }
    return list;
  }

  private Optional<String> entry(String place, Node node) {
    if (!(node instanceof ScalarNode scalar)) {
      problem(
          place, node, "must be a text; one that holds ': ' or begins with [ or { needs quotes");
    } else if (scalar.getTag().equals(Tag.NULL) || scalar.getValue().isBlank()) {
      problem(place, node, "the text is empty");
    } else if (!scalar.getTag().equals(Tag.STR)) {
      problem(place, node, "YAML takes '" + scalar.getValue() + "' for no text; put it in quotes");
    } else {
      return Optional.of(scalar.getValue());
    }
    return Optional.empty();
  }

  private Template template(String place, Part part, Node node, String text) {
    Template template = Template.of(text);
    for (String unknown : template.unknown(part.placeholders())) {
      problem(place, node, unknown);
    }
    for (String name : new TreeSet<>(part.placeholders())) {
      if (!template.names().contains(name)) {
        problem(place, node, "{" + name + "} is missing");
      }
    }
    return template;
  }

  private void problem(String place, Node node, String message) {
    int line = node.getStartMark().getLine() + 1;
    problems.add(
        new Problem(place.isEmpty() ? "line " + line : place + " (line " + line + ")", message));
  }
}
