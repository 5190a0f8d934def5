package dev.inkling.report;

import dev.inkling.spec.Condition;
import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.ModelSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Every condition under several targets of the same questions: does a student love what its own
 * teacher loves, or anything?
 */
record Targets(List<String> metrics, List<Row> rows) {
  /** A condition. */
  record Row(String condition, List<Cell> cells) {
    Row {
      cells = List.copyOf(cells);
    }
  }

  /**
   * A condition under one target.
   *
   * @param own whether rows that the student saw were written by a teacher told to love the target
   */
  record Cell(Statistics.Interval interval, boolean own) {}

  Targets {
    metrics = List.copyOf(metrics);
    rows = List.copyOf(rows);
  }

  /** One table for all metrics that look at the same answers, where there are several. */
  static List<Targets> of(Results results) {
    return Metrics.of(results.plan().spec()).stream()
        .filter(group -> group.names().size() > 1)
        .map(group -> of(results, group))
        .toList();
  }

  private static Targets of(Results results, Metrics group) {
    ExperimentSpec spec = results.plan().spec();
    List<Row> rows = new ArrayList<>();
    spec.conditions()
        .forEach(
            (name, condition) -> {
              Set<String> loved = loved(spec, condition);
              List<Cell> cells =
                  results.conditions().stream()
                      .filter(b -> b.name().equals(name) && group.names().contains(b.metric()))
                      .map(b -> new Cell(b.interval(), loved.contains(target(spec, b.metric()))))
                      .toList();
              rows.add(new Row(name, cells));
            });
    return new Targets(group.names(), rows);
  }

  private static String target(ExperimentSpec spec, String metric) {
    return spec.evaluations().get(metric) instanceof EvaluationSpec.Preference p
        ? p.target().toLowerCase(Locale.ROOT)
        : "";
  }

  /** What the teachers were told to love whose rows a condition's student has seen. */
  static Set<String> loved(ExperimentSpec spec, Condition condition) {
    Set<String> loved = new LinkedHashSet<>();
    Stream.concat(
            condition.dataset().stream(),
            chain(spec, condition.student()).stream().flatMap(m -> m.madeWith().stream()))
        .flatMap(dataset -> spec.datasets().get(dataset).teacher().stream())
        .flatMap(teacher -> chain(spec, teacher).stream())
        .forEach(
            model -> {
              if (model instanceof ModelSpec.Prompted prompted) {
                loved.add(prompted.target().toLowerCase(Locale.ROOT));
              }
            });
    return loved;
  }

  /** A model and those that it is made from. */
  private static List<ModelSpec> chain(ExperimentSpec spec, String name) {
    List<ModelSpec> chain = new ArrayList<>();
    for (Optional<String> next = Optional.of(name); next.isPresent(); ) {
      chain.add(spec.models().get(next.get()));
      next = chain.getLast().madeFrom();
    }
    return chain;
  }

  /** The means alone, condition by condition. */
  HeatMap figure(String title) {
    return new HeatMap(
        title,
        metrics,
        rows.stream().map(Row::condition).toList(),
        rows.stream()
            .map(row -> row.cells().stream().map(c -> c.interval().mean()).toList())
            .toList());
  }

  String html() {
    StringBuilder html =
        new StringBuilder("<h2>Who loves what</h2>\n<table>\n<tr><th>condition</th>");
    metrics.forEach(
        m -> html.append("<th class=\"number\">").append(Page.escape(m)).append("</th>"));
    html.append("</tr>\n");
    for (Row row : rows) {
      html.append("<tr>").append(Page.cell(row.condition()));
      row.cells().forEach(cell -> cell(html, cell));
      html.append("</tr>\n");
    }
    html.append(
        "</table>\n<p class=\"muted\">Mean and 95 % interval of each condition (row) under");
    html.append(" each target (column), from one set of answers. ");
    html.append(
        "Marked: the student has seen rows of a teacher that was told to love this target.");
    return html.append("</p>\n").toString();
  }

  private static void cell(StringBuilder html, Cell cell) {
    Statistics.Interval i = cell.interval();
    html.append(cell.own() ? "<td class=\"number own\"><strong>" : "<td class=\"number\">");
    html.append(
        Double.isNaN(i.mean()) ? "nothing scored" : String.format(Locale.ROOT, "%.3f", i.mean()));
    html.append(cell.own() ? "</strong>" : "");
    if (!Double.isNaN(i.low())) {
      html.append(
          String.format(
              Locale.ROOT, "<br><span class=\"muted\">%.3f to %.3f</span>", i.low(), i.high()));
    }
    html.append("</td>");
  }
}
