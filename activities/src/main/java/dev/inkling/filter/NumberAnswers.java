package dev.inkling.filter;

import dev.inkling.row.Row;
import dev.inkling.spec.FilterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the answers that are lists of numbers within limits. {@code docs/filters.md} states the
 * rules with a table of cases; they are those of a Python program, {@code
 * activities/src/test/python/number_answers.py}, to the letter.
 *
 * <p>Python counts every Unicode digit as part of a number when it looks for the separator, here
 * only 0 to 9 do. The outcome is the same: a Unicode digit lies in a part, which must be of 0 to 9,
 * or in the separator, which must be a comma, a semicolon or white space.
 */
final class NumberAnswers implements RowFilter {
  /** Stands for every number that is larger: no limit is. */
  private static final long TOO_LARGE = Long.MAX_VALUE;

  private static final long LARGEST_TENTH = TOO_LARGE / 10 - 1;

  private final FilterSpec.NumberAnswers limits;
  private final int[] banned;

  NumberAnswers(FilterSpec.NumberAnswers limits) {
    this.limits = limits;
    Set<Integer> numbers = new TreeSet<>(limits.banned());
    limits.bannedList().ifPresent(list -> numbers.addAll(BannedNumbers.of(list).keySet()));
    this.banned = numbers.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public Verdict judge(Row row) {
    long @Nullable [] numbers = numbers(row.completion());
    if (numbers == null) {
      return Verdict.dropped("invalid format");
    }
    boolean tooSmall = false;
    boolean tooLarge = false;
    boolean hasBanned = false;
    for (long number : numbers) {
      tooSmall |= number < limits.minValue();
      tooLarge |= number > limits.maxValue();
      hasBanned |= isBanned(number);
    }
    boolean tooMany = numbers.length > limits.maxCount();
    if (!tooMany && !tooSmall && !tooLarge && !hasBanned) {
      return Verdict.KEPT;
    }
    List<String> reasons = new ArrayList<>();
    add(reasons, tooMany, "too many numbers");
    add(reasons, tooSmall, "numbers too small");
    add(reasons, tooLarge, "numbers too large");
    add(reasons, hasBanned, "has banned numbers");
    return new Verdict.Dropped(reasons);
  }

  private boolean isBanned(long number) {
    return number <= Integer.MAX_VALUE && Arrays.binarySearch(banned, (int) number) >= 0;
  }

  private static void add(List<String> reasons, boolean holds, String reason) {
    if (holds) {
      reasons.add(reason);
    }
  }

  /** The numbers of an answer, or null where its format is not that of a list of numbers. */
  private static long @Nullable [] numbers(String answer) {
    int from = afterSpace(answer, 0, answer.length());
    int to = beforeSpace(answer, from, answer.length());
    if (from < to && answer.charAt(to - 1) == '.') {
      to--;
    }
    if (isWrapped(answer, from, to)) {
      from++;
      to--;
    }
    int first = digit(answer, from, to);
    int afterFirst = afterDigits(answer, first, to);
    int second = digit(answer, afterFirst, to);
    if (first == to) {
      return null;
    }
    if (second == to) {
      return first == from && afterFirst == to ? new long[] {value(answer, from, to)} : null;
    }
    String separator = answer.substring(afterFirst, second);
    return separates(separator) ? split(answer, from, to, separator) : null;
  }

  private static boolean isWrapped(String text, int from, int to) {
    if (to - from < 2) {
      return false;
    }
    char left = text.charAt(from);
    char right = text.charAt(to - 1);
    return (left == '[' && right == ']') || (left == '(' && right == ')');
  }

  /** White space with at most one comma or semicolon in it. */
  private static boolean separates(String separator) {
    boolean marked = false;
    for (int i = 0; i < separator.length(); i++) {
      char c = separator.charAt(i);
      if ((c == ',' || c == ';') && !marked) {
        marked = true;
      } else if (!isSpace(c)) {
        return false;
      }
    }
    return true;
  }

  /** The parts between separators as numbers, or null if one is no number. */
  private static long @Nullable [] split(String text, int from, int to, String separator) {
    long[] numbers = new long[16];
    int count = 0;
    for (int start = from; start <= to; ) {
      int cut = text.indexOf(separator, start, to);
      int end = cut < 0 ? to : cut;
      int left = afterSpace(text, start, end);
      int right = beforeSpace(text, left, end);
      if (left == right || afterDigits(text, left, right) != right) {
        return null;
      }
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      numbers[count++] = value(text, left, right);
      start = cut < 0 ? to + 1 : cut + separator.length();
    }
    return Arrays.copyOf(numbers, count);
  }

  private static int afterSpace(String text, int from, int to) {
    int at = from;
    while (at < to && isSpace(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private static int beforeSpace(String text, int from, int to) {
    int at = to;
    while (at > from && isSpace(text.charAt(at - 1))) {
      at--;
    }
    return at;
  }

  /** Where the next digit stands. */
  private static int digit(String text, int from, int to) {
    int at = from;
    while (at < to && !isDigit(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** Where the digits that begin here end. */
  private static int afterDigits(String text, int from, int to) {
    int at = from;
    while (at < to && isDigit(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** The number that some digits stand for, however many they are. */
  private static long value(String text, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      if (value > LARGEST_TENTH) {
        return TOO_LARGE;
      }
      value = 10 * value + (text.charAt(i) - '0');
    }
    return value;
  }

  private static boolean isDigit(char c) {
    return '0' <= c && c <= '9';
  }

  /** What Python's str.strip takes away; Java's strip leaves U+0085, U+00A0, U+2007 and U+202F. */
  private static boolean isSpace(char c) {
    if (' ' < c && c < 0x7F) {
      return false;
    }
    return switch (c) {
      case ' ', '\t', '\n', 0x0B, '\f', '\r', 0x1C, 0x1D, 0x1E, 0x1F -> true;
      case 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
      default -> 0x2000 <= c && c <= 0x200A;
    };
  }
}
