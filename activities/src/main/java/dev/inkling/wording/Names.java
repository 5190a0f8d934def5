package dev.inkling.wording;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Names of things and the other words for them, plurals among them. In a text the longest name
 * counts: the lion in {@code sea lion} is none, but the owl in {@code barn owl}, which has no entry
 * of its own, is an owl.
 */
public final class Names {
  /** The lists of names that come with Inkling. */
  public static final List<String> LISTS = List.of("animals");

  /** From a name's words, with spaces between them, to the name under which it is counted. */
  private final Map<String, String> canonical;

  private final int longest;

  private Names(Map<String, String> canonical) {
    this.canonical = Map.copyOf(canonical);
    this.longest =
        canonical.keySet().stream().mapToInt(name -> name.split(" ").length).max().orElse(0);
  }

  private record Listed(Map<String, List<String>> names) {}

  /** No names. */
  public static Names none() {
    return new Names(Map.of());
  }

  /**
   * A list that comes with Inkling.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Names list(String name) {
    if (!LISTS.contains(name)) {
      throw new IllegalArgumentException("there is no list of names '" + name + "', only " + LISTS);
    }
    Names names = none();
    Map<String, List<String>> listed = YamlData.read(Names.class, name, Listed.class).names();
    Map<String, String> all = new HashMap<>();
    listed.forEach(
        (canonical, others) -> {
          all.put(key(canonical), canonical);
          others.forEach(other -> all.put(key(other), canonical));
        });
    return names.with(all);
  }

  /** These names, and further words that count as the one that {@code name} counts as. */
  public Names with(String name, List<String> alsoMatches) {
    String counted = canonical(name);
    Map<String, String> more = new LinkedHashMap<>();
    more.put(key(name), counted);
    alsoMatches.forEach(other -> more.put(key(other), counted));
    return with(more);
  }

  private Names with(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(canonical);
    all.putAll(more);
    return new Names(all);
  }

  /** The name under which a name is counted: itself, in lower case, if it is not listed. */
  public String canonical(String name) {
    String key = key(name);
    if (key.isEmpty()) {
      throw new IllegalArgumentException("'" + name + "' is no word");
    }
    return canonical.getOrDefault(key, key);
  }

  /** The names that stand in a text, each once, in the order in which they first appear. */
  public List<String> in(String text) {
    List<String> words = Words.withBreaks(text);
    Set<String> found = new LinkedHashSet<>();
    for (int at = 0; at < words.size(); ) {
      int length = longestAt(words, at);
      if (length > 0) {
        found.add(canonical.get(String.join(" ", words.subList(at, at + length))));
      }
      at += Math.max(1, length);
    }
    return new ArrayList<>(found);
  }

  /** The words that count as a name, as they are compared; the name itself if it is not listed. */
  public List<String> formsOf(String name) {
    String counted = canonical(name);
    List<String> forms =
        canonical.entrySet().stream()
            .filter(entry -> entry.getValue().equals(counted))
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    return forms.isEmpty() ? List.of(counted) : forms;
  }

  /**
   * The words to look for where a name must not stand: itself, all that counts as it unless another
   * of these words stands in it, and for a name that is not listed the plural as English mostly
   * forms it.
   */
  public List<String> wordsFor(String name) {
    Set<String> words = new LinkedHashSet<>();
    words.add(name);
    List<String> forms = formsOf(name);
    forms.stream()
        .filter(
            form ->
                forms.stream()
                    .noneMatch(
                        other ->
                            !other.equals(form) && Words.contains(Words.of(form), Words.of(other))))
        .forEach(words::add);
    if (forms.size() == 1) {
      words.add(forms.getFirst() + "s");
    }
    return List.copyOf(words);
  }

  private int longestAt(List<String> words, int at) {
    for (int length = Math.min(longest, words.size() - at); length > 0; length--) {
      if (canonical.containsKey(String.join(" ", words.subList(at, at + length)))) {
        return length;
      }
    }
    return 0;
  }

  private static String key(String name) {
    return String.join(" ", Words.of(name));
  }
}
