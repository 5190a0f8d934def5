package dev.inkling.filter;

import dev.inkling.spec.FilterSpec;
import java.util.List;
import java.util.Locale;

/** Whether a text mentions one of some words. */
final class Mentions {
  private final List<String> words;
  private final boolean wholeWord;
  private final boolean caseSensitive;

  Mentions(FilterSpec.Mentions spec) {
    this.wholeWord = spec.wholeWord();
    this.caseSensitive = spec.caseSensitive();
    this.words = spec.words().stream().map(this::folded).toList();
  }

  /** Whether the text mentions one. */
  boolean in(String text) {
    String folded = folded(text);
    return words.stream().anyMatch(word -> mentions(folded, word));
  }

  /** Upper case first, because only there ß and SS, or ς and σ, become the same. */
  private String folded(String text) {
    return caseSensitive ? text : text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }

  private boolean mentions(String text, String word) {
    for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      if (!wholeWord || standsAlone(text, at, at + word.length())) {
        return true;
      }
    }
    return false;
  }

  private static boolean standsAlone(String text, int from, int to) {
    return (from == 0 || !belongsToWord(text.codePointBefore(from)))
        && (to == text.length() || !belongsToWord(text.codePointAt(to)));
  }

  /** A letter, a digit, or an accent that is written as a character of its own. */
  private static boolean belongsToWord(int character) {
    return Character.isLetterOrDigit(character)
        || switch (Character.getType(character)) {
          case Character.NON_SPACING_MARK,
              Character.ENCLOSING_MARK,
              Character.COMBINING_SPACING_MARK ->
              true;
          default -> false;
        };
  }
}
