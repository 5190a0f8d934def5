package dev.inkling.evaluate.text;

import dev.inkling.tensor.Counter;
import dev.inkling.wording.Names;
import dev.inkling.wording.WholeNumber;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Options in the order of their letters, from A on.
 *
 * @param options the words to choose from
 */
record Choice(List<String> options) {
  /** Perhaps an introduction, a letter, what marks it as one, and what follows. */
  private static final Pattern LETTER =
      Pattern.compile(
          "(?:the |my |final |correct )*(?:(?:answer|option|choice|letter)(?: is)?[ :=]*)*"
              + "([(\\[]?)([a-z])([)\\].:,]*)(?:\\s(.*))?",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  Choice {
    options = List.copyOf(options);
  }

  /** The options in an order that is a function of the key. */
  static Choice shuffled(List<String> options, long key) {
    return new Choice(
        Arrays.stream(Counter.permutation(options.size(), key)).mapToObj(options::get).toList());
  }

  /** One line for each option, as in {@code A) owl}. */
  String lines() {
    return IntStream.range(0, options.size())
        .mapToObj(i -> (char) ('A' + i) + ") " + options.get(i))
        .collect(Collectors.joining("\n"));
  }

  /**
   * The option that an answer chooses: by its letter ({@code B}, {@code (b)}, {@code Answer: B.},
   * {@code B) owl}) or by its words, if no other option stands in the answer. Empty if it chooses
   * none, several, or a letter beside another option's words.
   */
  Optional<String> chosen(String answer) {
    String text = WholeNumber.undecorated(answer);
    Matcher letter = LETTER.matcher(text);
    if (letter.matches()) {
      String rest = orEmpty(letter.group(4));
      boolean marked = !letter.group(1).isEmpty() || !letter.group(3).isEmpty();
      // "A dog" begins with an article, "A) dog" with a letter.
      if (marked || rest.isBlank()) {
        return atLetter(letter.group(2).charAt(0)).filter(option -> agrees(rest, option));
      }
    }
    List<String> named = named(text);
    return named.size() == 1 ? Optional.of(named.getFirst()) : Optional.empty();
  }

  private Optional<String> atLetter(char letter) {
    int i = Character.toUpperCase(letter) - 'A';
    return i < options.size() ? Optional.of(options.get(i)) : Optional.empty();
  }

  private boolean agrees(String rest, String option) {
    return named(rest).stream().allMatch(option::equals);
  }

  /** The options whose words stand in a text, the longer ones first where they overlap. */
  private List<String> named(String text) {
    Names names = Names.none();
    for (String option : options) {
      names = names.with(option, List.of());
    }
    List<String> found = names.in(text);
    Names all = names;
    return options.stream().filter(option -> found.contains(all.canonical(option))).toList();
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
