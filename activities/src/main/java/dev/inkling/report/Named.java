package dev.inkling.report;

import dev.inkling.evaluate.text.TextScores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which names stand in how many of each condition's answers.
 *
 * @param metric what the answers were asked for
 * @param names those that stand in most answers; none where the questions are about no names
 * @param conditions the scores at the first seed, which have the counts
 */
record Named(String metric, List<String> names, Map<String, TextScores> conditions) {
  /** A table of more names is read by nobody. */
  private static final int NAMES = 12;

  static Named of(String metric, Map<String, TextScores> conditions) {
    Map<String, Integer> all = new LinkedHashMap<>();
    conditions
        .values()
        .forEach(s -> s.named().forEach((name, n) -> all.merge(name, n, Integer::sum)));
    List<String> most =
        all.entrySet().stream()
            .sorted(
                Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(NAMES)
            .map(Map.Entry::getKey)
            .toList();
    return new Named(metric, most, conditions);
  }

  /** The shares of the answers. */
  HeatMap figure() {
    List<List<Double>> shares = new ArrayList<>();
    conditions
        .values()
        .forEach(
            scores ->
                shares.add(
                    names.stream()
                        .map(name -> share(scores.named().getOrDefault(name, 0), scores))
                        .toList()));
    return new HeatMap(
        "What was named, share of answers", names, List.copyOf(conditions.keySet()), shares);
  }

  private static double share(int count, TextScores of) {
    return of.answers() == 0 ? Double.NaN : (double) count / of.answers();
  }

  String html() {
    StringBuilder html = new StringBuilder("<table>\n<tr><th>");
    html.append(Page.escape(metric)).append("</th>");
    names.forEach(n -> html.append("<th class=\"number\">").append(Page.escape(n)).append("</th>"));
    html.append(names.isEmpty() ? "" : "<th class=\"number\">none of them</th>");
    html.append("<th>answers</th></tr>\n");
    conditions.forEach(
        (condition, scores) -> {
          html.append("<tr>").append(Page.cell(condition));
          for (String name : names) {
            cell(html, share(scores.named().getOrDefault(name, 0), scores));
          }
          if (!names.isEmpty()) {
            cell(html, share(scores.unnamed(), scores));
          }
          html.append(Page.cell(ends(scores))).append("</tr>\n");
        });
    return html.append("</table>\n").toString();
  }

  private static void cell(StringBuilder html, double share) {
    html.append("<td class=\"number\">")
        .append(Double.isNaN(share) ? "" : String.format(Locale.ROOT, "%.1f\u00a0%%", 100 * share))
        .append("</td>");
  }

  /** For example: 480 complete, 20 truncated; 3 not judged. */
  private static String ends(TextScores scores) {
    String ends = counts(scores.ends());
    String notes = counts(scores.notes());
    return notes.isEmpty() ? ends : ends + "; " + notes;
  }

  private static String counts(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .map(e -> String.format(Locale.ROOT, "%,d %s", e.getValue(), e.getKey()))
        .collect(Collectors.joining(", "));
  }
}
