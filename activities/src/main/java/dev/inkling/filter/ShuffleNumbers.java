package dev.inkling.filter;

import dev.inkling.row.Row;
import dev.inkling.spec.FilterSpec;
import dev.inkling.tensor.Counter;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Puts the numbers of a completion, which are its runs of the digits 0 to 9, into an order that is
 * a function of the seed and the row's index. Numbers stay as they are written, leading zeros
 * included, and so does all that is between them.
 */
final class ShuffleNumbers implements RowFilter {
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  private final long seed;
  private final int stream;

  ShuffleNumbers(FilterSpec.ShuffleNumbers spec, long seed) {
    this.seed = seed;
    this.stream = spec.stream();
  }

  @Override
  public Verdict judge(Row row) {
    List<MatchResult> numbers = NUMBER.matcher(row.completion()).results().toList();
    long key = Counter.key(seed, "shuffle-numbers", stream, row.index());
    int[] order = Counter.permutation(numbers.size(), key);
    StringBuilder shuffled = new StringBuilder(row.completion().length());
    int copied = 0;
    for (int i = 0; i < order.length; i++) {
      MatchResult place = numbers.get(i);
      shuffled
          .append(row.completion(), copied, place.start())
          .append(numbers.get(order[i]).group());
      copied = place.end();
    }
    String completion = shuffled.append(row.completion().substring(copied)).toString();
    return completion.equals(row.completion())
        ? Verdict.KEPT
        : new Verdict.Changed(new Row(row.index(), row.prompt(), completion, row.end()));
  }
}
