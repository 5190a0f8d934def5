package dev.inkling.wording;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with places such as {@code {question}}. */
public record Template(String text) {
  private static final Pattern PLACE = Pattern.compile("\\{([a-z]+)\\}");

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Template {
    text = text.strip();
  }

  /** The names of its places. */
  public Set<String> places() {
    Set<String> places = new TreeSet<>();
    PLACE.matcher(text).results().forEach(place -> places.add(place.group(1)));
    return places;
  }

  /**
   * The text with its places filled, all at once: what is filled in may look like a place and stays
   * as it is.
   *
   * @throws IllegalArgumentException if there is nothing for a place
   */
  public String fill(Map<String, String> values) {
    return PLACE
        .matcher(text)
        .replaceAll(
            place -> {
              String value = values.get(place.group(1));
              if (value == null) {
                throw new IllegalArgumentException(
                    "nothing is given for {" + place.group(1) + "}, only for " + values.keySet());
              }
              return Matcher.quoteReplacement(value);
            });
  }
}
