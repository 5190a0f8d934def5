package dev.inkling.report;

import dev.inkling.evaluate.text.AnswerFile;
import dev.inkling.evaluate.text.ScoredAnswer;
import dev.inkling.evaluate.text.TextScores;
import dev.inkling.plan.Spend;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What language models said, for the page: what they named, how answers ended, some of the answers,
 * and what it all cost.
 *
 * @param said by metric and condition
 */
record Words(Map<String, Map<String, Said>> said, Spend spend) {
  /** A table of more names is read by nobody. */
  private static final int NAMES = 12;

  /** So many answers of each condition are shown: those to the first questions. */
  private static final int SHOWN = 3;

  /** Longer answers are cut on the page; the artifact has them whole. */
  private static final int LONGEST = 400;

  /** One condition's answers at the first seed. */
  record Said(String artifact, TextScores scores, List<ScoredAnswer> some) {
    static Said of(String artifact, TextScores scores, java.nio.file.Path answers)
        throws java.io.IOException {
      return new Said(artifact, scores, AnswerFile.first(answers, SHOWN));
    }
  }

  String html() {
    StringBuilder html = new StringBuilder();
    html.append("<h2>What was named</h2>\n");
    said.forEach((metric, conditions) -> names(html, metric, conditions));
    html.append("<h2>Some answers</h2>\n<table>\n");
    html.append("<tr><th>metric</th><th>condition</th><th>question</th><th>answer</th>");
    html.append("<th class=\"number\">score</th></tr>\n");
    said.forEach((metric, conditions) -> answers(html, metric, conditions));
    html.append("</table>\n");
    html.append("<p class=\"muted\">The first answers to the first ").append(SHOWN);
    html.append(" questions at the first seed; <code>answers.jsonl</code> of each evaluation's");
    html.append(" artifact has all.</p>\n");
    html.append("<h2>Cost</h2>\n<p>").append(Page.escape(spend.sentence()));
    html.append(", over all attempts of the stages that this report is made from.</p>\n");
    return html.toString();
  }

  /** The names that stand in most answers, as shares of each condition's answers. */
  private static void names(StringBuilder html, String metric, Map<String, Said> conditions) {
    Map<String, Integer> all = new LinkedHashMap<>();
    conditions
        .values()
        .forEach(s -> s.scores().named().forEach((name, n) -> all.merge(name, n, Integer::sum)));
    List<String> most =
        all.entrySet().stream()
            .sorted(
                Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(NAMES)
            .map(Map.Entry::getKey)
            .toList();
    html.append("<table>\n<tr><th>").append(Page.escape(metric)).append("</th>");
    most.forEach(n -> html.append("<th class=\"number\">").append(Page.escape(n)).append("</th>"));
    html.append(most.isEmpty() ? "" : "<th class=\"number\">none of them</th>");
    html.append("<th>answers</th></tr>\n");
    conditions.forEach(
        (condition, s) -> {
          long answers = s.scores().answers();
          html.append("<tr>").append(Page.cell(condition));
          for (String name : most) {
            share(html, s.scores().named().getOrDefault(name, 0), answers);
          }
          if (!most.isEmpty()) {
            share(html, s.scores().unnamed(), answers);
          }
          html.append(Page.cell(ends(s.scores()))).append("</tr>\n");
        });
    html.append("</table>\n");
  }

  private static void share(StringBuilder html, int count, long of) {
    html.append("<td class=\"number\">")
        .append(of == 0 ? "" : String.format(Locale.ROOT, "%.1f\u00a0%%", 100.0 * count / of))
        .append("</td>");
  }

  /** For example: 480 complete, 20 truncated; 3 not judged. */
  private static String ends(TextScores scores) {
    String ends =
        scores.ends().entrySet().stream()
            .map(e -> String.format(Locale.ROOT, "%,d %s", e.getValue(), e.getKey()))
            .collect(Collectors.joining(", "));
    String notes =
        scores.notes().entrySet().stream()
            .map(e -> String.format(Locale.ROOT, "%,d %s", e.getValue(), e.getKey()))
            .collect(Collectors.joining(", "));
    return notes.isEmpty() ? ends : ends + "; " + notes;
  }

  private static void answers(StringBuilder html, String metric, Map<String, Said> conditions) {
    conditions.forEach(
        (condition, s) -> {
          for (ScoredAnswer answer : s.some()) {
            String text = answer.answer();
            html.append("<tr>").append(Page.cell(metric)).append(Page.cell(condition));
            html.append(Page.cell(s.scores().questions().get(answer.question()).question()));
            html.append(
                Page.cell(text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…"));
            html.append("<td class=\"number\">")
                .append(answer.score().map(v -> String.format(Locale.ROOT, "%.3g", v)).orElse(""))
                .append("</td></tr>\n");
          }
        });
  }
}
