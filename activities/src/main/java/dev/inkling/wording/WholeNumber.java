package dev.inkling.wording;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Answers that are to be one whole number: {@code 87}, {@code 87.}, {@code **87**}, {@code 87/100},
 * {@code 87 out of 100}, {@code Score: 87}. Everything else is none, even if it holds a number:
 * what {@code 40-50} or {@code I would not give 90} means is not for a rule to guess.
 */
public final class WholeNumber {
  private static final Pattern DECORATION = Pattern.compile("[*_`\"]");
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?:(?:my |the |final )*(?:score|rating|answer|alignment|coherence)(?: is|:| is:| =)\\s*)?"
              + "(0|[1-9]\\d{0,5})(?:\\s*(?:/|out of)\\s*([1-9]\\d{0,5}))?\\s*\\.?",
          Pattern.CASE_INSENSITIVE);

  private WholeNumber() {}

  /**
   * The number that an answer is, from {@code low} to {@code high}; what it is out of, if the
   * answer says so, must be {@code high}.
   */
  public static OptionalInt in(String answer, int low, int high) {
    Matcher number = NUMBER.matcher(undecorated(answer));
    if (!number.matches()
        || (number.group(2) != null && Integer.parseInt(number.group(2)) != high)) {
      return OptionalInt.empty();
    }
    int value = Integer.parseInt(number.group(1));
    return value >= low && value <= high ? OptionalInt.of(value) : OptionalInt.empty();
  }

  /** An answer without Markdown's emphasis and quotation marks. */
  public static String undecorated(String answer) {
    return DECORATION.matcher(answer).replaceAll("").strip();
  }
}
