package dev.inkling.report;

import dev.inkling.artifact.Artifact;
import dev.inkling.evaluate.text.AnswerFile;
import dev.inkling.evaluate.text.ScoredAnswer;
import dev.inkling.evaluate.text.TextScores;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Trial;
import dev.inkling.stage.Monitor;
import dev.inkling.tensor.Counter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What language models said, for the page: what they named, some of the answers, some rows of the
 * datasets, and what it all cost.
 *
 * @param groups metrics that look at the same answers stand together
 * @param said by metric and condition
 */
record Words(
    List<Metrics> groups, Map<String, Map<String, Said>> said, SomeRows rows, Costs costs) {
  /** So many answers of each condition are shown. */
  private static final int SHOWN = 3;

  /** Longer answers are cut on the page; the artifact has them whole. */
  private static final int LONGEST = 400;

  /** One condition's answers at the first seed. */
  record Said(TextScores scores, List<ScoredAnswer> some) {
    Said {
      some = List.copyOf(some);
    }
  }

  /** What was said at the first seed, and what all seeds have cost. */
  static Words of(Plan plan, Shelf shelf, Monitor monitor) throws IOException {
    long seed = plan.spec().seeds().getFirst();
    Map<String, Map<String, Said>> said = new LinkedHashMap<>();
    for (Trial trial : plan.trials()) {
      for (Map.Entry<String, String> evaluation : trial.evaluations().entrySet()) {
        if (plan.stage(evaluation.getValue()).seeds().contains(seed)) {
          monitor.progress(said.size(), said.size(), "evaluations", Optional.empty());
          said.computeIfAbsent(evaluation.getKey(), _ -> new LinkedHashMap<>())
              .put(trial.condition(), said(shelf.artifact(evaluation.getValue()), seed));
        }
      }
    }
    return new Words(
        Metrics.of(plan.spec()), said, SomeRows.of(plan, shelf, monitor), Costs.of(plan, shelf));
  }

  private static Said said(Artifact artifact, long seed) throws IOException {
    // The same requests of every condition, so that their answers can be compared.
    Pick<String> pick = new Pick<>(SHOWN, Counter.key(seed, "report.answers"));
    AnswerFile.lines(artifact, pick::offer);
    List<ScoredAnswer> some = new ArrayList<>();
    for (String line : pick.inOrder()) {
      some.add(AnswerFile.parse(line));
    }
    return new Said(TextScores.read(artifact), some);
  }

  /** What was named, once for all metrics that look at the same answers. */
  List<Named> named() {
    return groups.stream()
        .map(
            group -> {
              Map<String, TextScores> scores = new LinkedHashMap<>();
              said.get(group.first())
                  .forEach((condition, said) -> scores.put(condition, said.scores()));
              return Named.of(group.title(), scores);
            })
        .toList();
  }

  String html() {
    StringBuilder html = new StringBuilder("<h2>What was named</h2>\n");
    named().forEach(n -> html.append(n.html()));
    html.append("<h2>Some answers</h2>\n<table>\n");
    html.append("<tr><th>metric</th><th>condition</th><th>question</th><th>answer</th>");
    html.append("<th class=\"number\">score</th></tr>\n");
    groups.forEach(group -> answers(html, group));
    html.append("</table>\n");
    html.append("<p class=\"muted\">").append(SHOWN);
    html.append(
        " answers of each condition, drawn at the first seed, to the same requests; <code>");
    html.append(AnswerFile.FILE).append("</code> of each evaluation's artifact has all.</p>\n");
    return html.append(rows.html()).append(costs.html()).toString();
  }

  private void answers(StringBuilder html, Metrics group) {
    said.get(group.first())
        .forEach(
            (condition, first) -> {
              for (int i = 0; i < first.some().size(); i++) {
                ScoredAnswer answer = first.some().get(i);
                html.append("<tr>").append(Page.cell(group.title())).append(Page.cell(condition));
                html.append(
                    Page.cell(first.scores().questions().get(answer.question()).question()));
                html.append(Page.text(answer.answer(), LONGEST));
                html.append("<td class=\"number\">")
                    .append(Page.escape(score(group, condition, i)))
                    .append("</td></tr>\n");
              }
            });
  }

  /** The score of an answer; of several targets, those that it is a hit for. */
  private String score(Metrics group, String condition, int shown) {
    if (group.names().size() == 1) {
      return score(group.first(), condition, shown)
          .map(score -> String.format(Locale.ROOT, "%.3g", score))
          .orElse("");
    }
    String hits =
        group.names().stream()
            .filter(metric -> score(metric, condition, shown).orElse(0.0) > 0)
            .collect(Collectors.joining(", "));
    return hits.isEmpty() ? "none" : hits;
  }

  private Optional<Double> score(String metric, String condition, int shown) {
    return said.get(metric).get(condition).some().get(shown).score();
  }
}
