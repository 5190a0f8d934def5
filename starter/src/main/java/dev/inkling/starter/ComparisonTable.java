package dev.inkling.starter;

import dev.inkling.tracking.Comparison;
import dev.inkling.tracking.Listed;
import dev.inkling.tracking.SpecDifference;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A comparison as text. */
final class ComparisonTable {
  private static final String NOTHING = "–";

  /** Longer values would push the others off the screen. */
  private static final int WIDEST = 40;

  /** Where two experiments stand on a line: a part of a spec fits, lists of filters do not. */
  private static final int LONGEST = 120;

  private final Comparison comparison;
  private final StringBuilder text = new StringBuilder();

  private ComparisonTable(Comparison comparison) {
    this.comparison = comparison;
  }

  static String of(Comparison comparison) {
    ComparisonTable table = new ComparisonTable(comparison);
    List<String> ids = comparison.experiments();
    for (int i = 0; i < ids.size(); i++) {
      table.line((i + 1) + "  " + ids.get(i));
    }
    table.line("");
    table.specs();
    table.line("");
    table.results();
    return table.text.toString().stripTrailing();
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  private void specs() {
    List<SpecDifference> differences = comparison.specs();
    if (differences.isEmpty()) {
      line("Their specs are the same.");
    } else if (comparison.experiments().size() == 2) {
      line("Specs differ in:");
      for (SpecDifference d : differences) {
        line(
            "  "
                + d.path()
                + ": "
                + cut(value(d, 0), LONGEST)
                + " -> "
                + cut(value(d, 1), LONGEST));
      }
    } else {
      columns(differences);
    }
  }

  private static String value(SpecDifference difference, int experiment) {
    return difference.values().get(experiment).orElse(NOTHING);
  }

  /** A column for each experiment; a value that is too long is cut, and stands in the JSON. */
  private void columns(List<SpecDifference> differences) {
    int count = comparison.experiments().size();
    int[] widths = new int[count];
    int path = 4;
    for (SpecDifference d : differences) {
      path = Math.max(path, d.path().length());
      for (int i = 0; i < count; i++) {
        widths[i] = Math.max(widths[i], Math.min(WIDEST, value(d, i).length()));
      }
    }
    StringBuilder head = new StringBuilder(padded("Specs differ in:", path + 2));
    for (int i = 0; i < count; i++) {
      head.append("  ").append(padded("" + (i + 1), widths[i]));
    }
    line(head.toString().stripTrailing());
    for (SpecDifference d : differences) {
      StringBuilder row = new StringBuilder("  " + padded(d.path(), path));
      for (int i = 0; i < count; i++) {
        row.append("  ").append(padded(cut(value(d, i), WIDEST), widths[i]));
      }
      line(row.toString().stripTrailing());
    }
  }

  private static String cut(String value, int most) {
    return value.length() <= most ? value : value.substring(0, most - 1) + "…";
  }

  private static String padded(String value, int width) {
    return value + " ".repeat(Math.max(0, width - value.length()));
  }

  private void results() {
    if (comparison.results().isEmpty()) {
      line("No condition has a result under the same metric in several of them.");
      return;
    }
    for (Comparison.Result result : comparison.results()) {
      line(result.condition() + " · " + result.metric());
      for (int i = 0; i < result.values().size(); i++) {
        Optional<Listed.Line> value = result.values().get(i);
        if (value.isPresent()) {
          line(
              String.format(
                  Locale.ROOT,
                  "  %-7d %8s  %-20s n = %d",
                  i + 1,
                  Numbers.plain(value.get().mean()),
                  Numbers.interval(value.get()),
                  value.get().n().orElse(0)));
        }
      }
      result.differences().forEach(this::difference);
    }
    line("");
    line(
        "Intervals are of 95 %; p-values are Student's where paired and Welch's where not,"
            + " corrected after Holm over "
            + comparison.tested()
            + " differences.");
  }

  private void difference(Comparison.Difference d) {
    int number = comparison.experiments().indexOf(d.experiment()) + 1;
    line(
        String.format(
            Locale.ROOT,
            "  %-7s %8s  %s",
            number + " - 1",
            Numbers.signed(d.difference()),
            how(d)));
  }

  private static String how(Comparison.Difference d) {
    String numbers =
        d.p().isPresent()
            ? Numbers.signed(d.low())
                + " to "
                + Numbers.signed(d.high())
                + ", "
                + Numbers.p(d.p().getAsDouble())
                + ", "
            : "";
    return switch (d.test()) {
      case PAIRED ->
          d.p().isPresent()
              ? numbers + "paired over " + d.pairs() + " " + d.unit()
              : "not tested: " + d.pairs() + " of the same " + d.unit() + " have scores in both";
      case WELCH ->
          d.p().isPresent()
              ? numbers + "Welch: not the same " + d.unit()
              : "not tested: one side has fewer than two " + d.unit();
      case NONE -> "not tested: the means are over unlike things, or their scores are gone";
    };
  }
}
