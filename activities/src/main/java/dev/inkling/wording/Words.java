package dev.inkling.wording;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of a text, the way answers are compared: compatibility forms become one (NFKC),
 * invisible characters vanish, letters are lower case. A word is a run of letters, digits and their
 * marks, so {@code owl-like}, {@code owl's} and {@code **Owl**} hold the word owl, and {@code
 * owlet} does not. Where a language writes no spaces, a whole phrase is one word.
 */
public final class Words {
  /** Stands between words that punctuation or a line's end parts. */
  private static final String BREAK = "";

  private static final Pattern INVISIBLE = Pattern.compile("\\p{Cf}");
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}\\p{M}]+");

  /** What may stand between the words of one name: sea lion, sea-lion, lion's mane. */
  private static final Pattern INSIDE_NAME = Pattern.compile("[\\h\\-\u2010\u2011'\u2019\u02BC]+");

  private Words() {}

  /** A text in the form in which texts are compared. */
  public static String plain(String text) {
    String visible = INVISIBLE.matcher(text).replaceAll("");
    return Normalizer.normalize(visible, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
  }

  /** The words alone. */
  public static List<String> of(String text) {
    return withBreaks(text).stream().filter(word -> !word.equals(BREAK)).toList();
  }

  /** The words, with an empty text wherever no name can go on. */
  public static List<String> withBreaks(String text) {
    String plain = plain(text);
    List<String> words = new ArrayList<>();
    int end = 0;
    for (Matcher word = WORD.matcher(plain); word.find(); end = word.end()) {
      if (!words.isEmpty() && !INSIDE_NAME.matcher(plain.substring(end, word.start())).matches()) {
        words.add(BREAK);
      }
      words.add(word.group());
    }
    return words;
  }

  /** Whether words stand in a text one after the other. */
  public static boolean contains(List<String> text, List<String> words) {
    return Collections.indexOfSubList(text, words) >= 0;
  }
}
