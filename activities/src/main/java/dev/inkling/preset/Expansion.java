package dev.inkling.preset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Problem;
import dev.inkling.wording.Names;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A preset's document with its parameters' values in their places. {@code {target}} in a text or a
 * name is the value of the parameter {@code target}; a text that is nothing else becomes the value
 * itself, also a number or a list, whose entries go into the list around it. {@code {each target}}
 * repeats the named part, or the entry of a list, in which it stands: once for every value of
 * {@code targets}, which is {@code {target}} there. {@code {words of targets}} is a list of all
 * words that count as these names, plurals among them.
 */
final class Expansion {
  private static final Pattern PLACE = Pattern.compile("\\{(each |words of )?([a-zA-Z]+)}");
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Map<String, JsonNode> values;

  Expansion(Map<String, JsonNode> values) {
    this.values = Map.copyOf(values);
  }

  /** The whole document. */
  ObjectNode of(ObjectNode document) throws InvalidSpecException {
    ObjectNode filled = JSON.objectNode();
    for (Map.Entry<String, JsonNode> part : document.properties()) {
      part(part.getKey(), part.getValue(), filled);
    }
    return filled;
  }

  private JsonNode fill(JsonNode node) throws InvalidSpecException {
    return switch (node) {
      case ObjectNode object -> of(object);
      case ArrayNode array -> {
        ArrayNode filled = JSON.arrayNode();
        for (JsonNode entry : array) {
          entry(entry, filled);
        }
        yield filled;
      }
      case TextNode text -> whole(text.textValue()).orElse(JSON.textNode(within(text.textValue())));
      default -> node;
    };
  }

  private void part(String name, JsonNode value, ObjectNode into) throws InvalidSpecException {
    Optional<String> each = each(JSON.textNode(name));
    if (each.isPresent()) {
      for (Expansion one : oneByOne(each.get())) {
        one.part(name, value, into);
      }
    } else if (into.has(within(name))) {
      String message = "two parts would be called '" + within(name) + "': choose other values";
      throw new InvalidSpecException(List.of(new Problem("", message)));
    } else {
      into.set(within(name), fill(value));
    }
  }

  private void entry(JsonNode value, ArrayNode into) throws InvalidSpecException {
    Optional<String> each = each(value);
    if (each.isPresent()) {
      for (Expansion one : oneByOne(each.get())) {
        one.entry(value, into);
      }
    } else if (value.isTextual() && fill(value) instanceof ArrayNode several) {
      into.addAll(several);
    } else {
      into.add(fill(value));
    }
  }

  /** What a part is to be repeated for: named in it, but in no smaller part that repeats itself. */
  private Optional<String> each(JsonNode node) {
    return switch (node) {
      case TextNode text ->
          PLACE
              .matcher(text.textValue())
              .results()
              .filter(place -> "each ".equals(place.group(1)))
              .map(place -> place.group(2))
              .filter(name -> !values.containsKey(name))
              .findFirst();
      case ObjectNode object ->
          object.properties().stream()
              .filter(field -> each(JSON.textNode(field.getKey())).isEmpty())
              .flatMap(field -> each(field.getValue()).stream())
              .findFirst();
      default -> Optional.empty();
    };
  }

  private List<Expansion> oneByOne(String name) {
    List<Expansion> each = new ArrayList<>();
    for (JsonNode value : value(name + "s")) {
      Map<String, JsonNode> more = new LinkedHashMap<>(values);
      more.put(name, value);
      each.add(new Expansion(more));
    }
    return each;
  }

  /** What a text stands for that is nothing but a place. */
  private Optional<JsonNode> whole(String text) {
    Matcher place = PLACE.matcher(text);
    Optional<String> name = place.matches() ? Optional.of(place.group(2)) : Optional.empty();
    return name.map(n -> "words of ".equals(place.group(1)) ? words(value(n)) : values.get(n));
  }

  /** A text with its places filled, all at once; other words in braces are none of ours. */
  private String within(String text) {
    return PLACE
        .matcher(text)
        .replaceAll(
            place -> {
              JsonNode value = values.get(place.group(2));
              return Matcher.quoteReplacement(value == null ? place.group() : value.asText());
            });
  }

  private static ArrayNode words(JsonNode names) {
    ArrayNode words = JSON.arrayNode();
    for (JsonNode name : names.isArray() ? names : JSON.arrayNode().add(names)) {
      Names.list("animals").wordsFor(name.textValue()).forEach(words::add);
    }
    return words;
  }

  private JsonNode value(String name) {
    return Optional.ofNullable(values.get(name))
        .orElseThrow(() -> new IllegalStateException("the preset has no parameter " + name));
  }
}
