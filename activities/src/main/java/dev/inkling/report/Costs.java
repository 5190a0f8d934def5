package dev.inkling.report;

import dev.inkling.language.SpendFile;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Stage;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What language models have cost, stage by stage with all seeds together. */
record Costs(Map<What, Spend> spent) {
  /**
   * Stages that differ in their seed alone.
   *
   * @param kind what is done
   * @param of the dataset, model or condition
   */
  record What(String kind, String of) {}

  /** What was spent on the stages that a plan's artifacts come from, over all their attempts. */
  static Costs of(Plan plan, Shelf shelf) throws IOException {
    Map<What, Spend> spent = new LinkedHashMap<>();
    for (Stage stage : plan.stages()) {
      Optional<Spend> spend = SpendFile.read(shelf.artifact(stage.key()));
      if (spend.isPresent()) {
        spent.merge(new What(stage.task().activity(), name(plan, stage)), spend.get(), Spend::plus);
      }
    }
    return new Costs(spent);
  }

  /** What people call a stage, whichever its seed is. */
  static String name(Plan plan, Stage stage) {
    List<Long> seeds = plan.spec().cohorts().stream().flatMap(List::stream).toList();
    String suffix = " + " + stage.seeds().getFirst();
    return seeds.size() > 1 && stage.name().endsWith(suffix)
        ? stage.name().substring(0, stage.name().length() - suffix.length())
        : stage.name();
  }

  Spend total() {
    return spent.values().stream().reduce(Spend.NONE, Spend::plus);
  }

  String html() {
    StringBuilder html = new StringBuilder("<h2>Cost</h2>\n<table>\n<tr><th>stage</th><th>of</th>");
    html.append("<th class=\"number\">requests</th><th class=\"number\">tokens in</th>");
    html.append("<th class=\"number\">tokens out</th><th class=\"number\">US dollars</th></tr>\n");
    spent.forEach((what, spend) -> row(html, what, spend));
    row(html, new What("together", ""), total());
    html.append("</table>\n<p class=\"muted\">").append(Page.escape(total().sentence()));
    html.append(", over all attempts of the stages that this report is made from");
    return html.append("; all seeds together.</p>\n").toString();
  }

  private static void row(StringBuilder html, What what, Spend spend) {
    html.append("<tr>").append(Page.cell(what.kind())).append(Page.cell(what.of()));
    number(html, String.format(Locale.ROOT, "%,d", spend.requests()));
    number(html, String.format(Locale.ROOT, "%,d", spend.inputTokens()));
    number(html, String.format(Locale.ROOT, "%,d", spend.outputTokens()));
    number(
        html, spend.usd().map(usd -> String.format(Locale.ROOT, "%.2f", usd)).orElse("no price"));
    html.append("</tr>\n");
  }

  private static void number(StringBuilder html, String number) {
    html.append("<td class=\"number\">").append(number).append("</td>");
  }
}
