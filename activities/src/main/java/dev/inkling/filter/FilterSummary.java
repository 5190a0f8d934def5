package dev.inkling.filter;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What filters have done to a dataset.
 *
 * @param read how many rows there were
 * @param kept how many are left
 * @param steps what each filter did, in order
 */
public record FilterSummary(long read, long kept, List<Step> steps) {
  public FilterSummary {
    steps = List.copyOf(steps);
  }

  /**
   * What one filter did.
   *
   * @param filter its name; the second filter of a kind is called {@code "mentions 2"}
   * @param dropped how many rows it dropped
   * @param changed how many rows it changed
   * @param reasons how many rows it dropped for each reason, in alphabetical order; a row may have
   *     several
   */
  public record Step(String filter, long dropped, long changed, Map<String, Long> reasons) {
    private String line() {
      String line = String.format(Locale.ROOT, "%s dropped %,d", filter, dropped);
      return changed == 0 ? line : String.format(Locale.ROOT, "%s and changed %,d", line, changed);
    }
  }

  /** One line for people. */
  public String line() {
    String rows = String.format(Locale.ROOT, "%,d of %,d rows kept", kept, read);
    return steps.isEmpty()
        ? rows
        : steps.stream().map(Step::line).collect(Collectors.joining(", ", rows + ": ", ""));
  }
}
