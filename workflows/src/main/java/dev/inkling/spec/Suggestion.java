package dev.inkling.spec;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** The known word that somebody probably meant. */
public final class Suggestion {
  private static final int LONGEST = 100;

  private Suggestion() {}

  /** {@code ", did you mean 'rows'?"} where a known word is near, else {@code "; known: a, b"}. */
  public static String among(String word, Collection<String> known) {
    return known.stream()
        // Nobody mistypes that much, and the distance takes time in proportion to the product.
        .filter(_ -> word.length() <= LONGEST)
        .filter(
            k ->
                distance(word.toLowerCase(Locale.ROOT), k.toLowerCase(Locale.ROOT))
                    <= Math.max(2, k.length() / 3))
        .min(Comparator.comparingInt(k -> distance(word, k)))
        .map(k -> ", did you mean '" + k + "'?")
        .orElse(known.isEmpty() ? "" : "; known: " + String.join(", ", known));
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(substitution, Math.min(previous[j], row[j - 1]) + 1);
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
