package dev.inkling.evaluate.text;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.inkling.wording.Words;
import java.math.BigDecimal;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The rule by which an answer to a question with known answers is right. */
public enum Grade {
  /** The answer has the words of a known answer, in this order, and no others. */
  @JsonProperty("exact")
  EXACT {
    @Override
    boolean right(String answer, String known) {
      return Words.of(answer).equals(Words.of(known));
    }
  },

  /** The known answer's words stand in the answer. */
  @JsonProperty("contains")
  CONTAINS {
    @Override
    boolean right(String answer, String known) {
      return Words.contains(Words.of(answer), Words.of(known));
    }
  },

  /** The last number of the answer is the known one: what stands before it may be the way there. */
  @JsonProperty("number")
  NUMBER {
    @Override
    boolean right(String answer, String known) {
      List<String> numbers =
          NUMBERS.matcher(Words.plain(answer)).results().map(MatchResult::group).toList();
      return !numbers.isEmpty() && number(numbers.getLast()).compareTo(new BigDecimal(known)) == 0;
    }

    @Override
    void check(String known) {
      try {
        BigDecimal _ = new BigDecimal(known);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("the answer '" + known + "' is not a number", e);
      }
    }
  };

  /**
   * Digits, with commas between groups of three, and decimals. A minus right after a letter, digit
   * or bracket subtracts; any other belongs to the number.
   */
  private static final Pattern NUMBERS =
      Pattern.compile(
          "(?:(?<![\\p{L}\\p{N})])[-\u2212])?(?:\\d{1,3}(?:,\\d{3})+(?!\\d)|\\d+)(?:\\.\\d+)?");

  abstract boolean right(String answer, String known);

  void check(String known) {
    if (Words.of(known).isEmpty()) {
      throw new IllegalArgumentException("the answer '" + known + "' has no words");
    }
  }

  /** Whether an answer is one of the known ones. */
  public boolean right(String answer, List<String> known) {
    return known.stream().anyMatch(k -> right(answer, k));
  }

  private static BigDecimal number(String text) {
    return new BigDecimal(text.replace(",", "").replace('\u2212', '-'));
  }
}
