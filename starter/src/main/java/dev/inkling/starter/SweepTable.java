package dev.inkling.starter;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.artifact.Versions;
import dev.inkling.plan.Plan;
import dev.inkling.preset.Resolver;
import dev.inkling.report.Report;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.SweepSpec;
import dev.inkling.worker.Home;
import dev.inkling.workflow.ExperimentResult;
import dev.inkling.workflow.ReportResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The points of a sweep and what the store knows of each.
 *
 * @param rows one for each point, in the sweep's order
 */
record SweepTable(SweepSpec sweep, List<Row> rows) {
  /** More rows than this are for a program, not for a terminal. */
  private static final int SHOWN = 40;

  /**
   * A point.
   *
   * @param experiment the identity under which {@code inkling report} finds it
   * @param report its report, if it is there
   */
  record Row(Map<String, JsonNode> values, String experiment, Optional<ReportResult> report) {}

  SweepTable {
    rows = List.copyOf(rows);
  }

  /** Looks every point up. */
  static SweepTable of(SweepSpec sweep, Home home) throws InvalidSpecException, IOException {
    Report reports = new Report(home.store(), Versions.all());
    List<Row> rows = new ArrayList<>();
    for (int point = 0; point < sweep.points(); point++) {
      Plan plan = Resolver.plan(sweep.document(point));
      rows.add(new Row(sweep.values(point), plan.id(), reports.existing(plan)));
    }
    return new SweepTable(sweep, rows);
  }

  /** Whether every point has its report. */
  boolean complete() {
    return rows.stream().allMatch(row -> row.report().isPresent());
  }

  /** For the terminal: a line for each point, with its values and its conditions' means. */
  String text() {
    Set<String> conditions = new LinkedHashSet<>();
    rows.forEach(row -> means(row).forEach((name, _) -> conditions.add(name)));
    List<List<String>> cells = new ArrayList<>();
    cells.add(
        Stream.of(Stream.of("point"), sweep.grid().keySet().stream(), conditions.stream())
            .flatMap(s -> s)
            .toList());
    for (int point = 0; point < Math.min(SHOWN, rows.size()); point++) {
      Row row = rows.get(point);
      List<String> line = new ArrayList<>(List.of("" + (point + 1)));
      row.values().values().forEach(value -> line.add(value.toString()));
      Map<String, String> means = means(row);
      conditions.forEach(c -> line.add(means.getOrDefault(c, "-")));
      cells.add(line);
    }
    int[] widths = new int[cells.getFirst().size()];
    for (List<String> line : cells) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : cells) {
      for (int i = 0; i < widths.length; i++) {
        text.append(line.get(i)).append(" ".repeat(widths[i] - line.get(i).length() + 2));
      }
      text.setLength(text.toString().stripTrailing().length());
      text.append('\n');
    }
    if (rows.size() > SHOWN) {
      text.append("… and ").append(rows.size() - SHOWN).append(" more points: --out DIR\n");
    }
    return text.toString();
  }

  /** The means by condition, or by condition and metric where there are several metrics. */
  private static Map<String, String> means(Row row) {
    Map<String, String> means = new LinkedHashMap<>();
    List<ExperimentResult.ConditionResult> results =
        row.report().map(ReportResult::conditions).orElse(List.of());
    boolean one =
        results.stream().map(ExperimentResult.ConditionResult::metric).distinct().count() < 2;
    results.forEach(
        c ->
            means.put(
                one ? c.name() : c.name() + " · " + c.metric(),
                String.format(Locale.ROOT, "%.4f", c.mean())));
    return means;
  }

  /** For programs: a line for each condition and metric of each point that has a report. */
  String csv() {
    StringBuilder csv = new StringBuilder("point");
    sweep.grid().keySet().forEach(path -> csv.append(',').append(quoted(path)));
    csv.append(",experiment,condition,metric,n,mean,ciLow,ciHigh\n");
    for (int point = 0; point < rows.size(); point++) {
      Row row = rows.get(point);
      StringBuilder begin = new StringBuilder("" + (point + 1));
      row.values().values().forEach(v -> begin.append(',').append(quoted(v.toString())));
      begin.append(',').append(row.experiment());
      for (var c : row.report().map(ReportResult::conditions).orElse(List.of())) {
        csv.append(begin)
            .append(',')
            .append(quoted(c.name()))
            .append(',')
            .append(quoted(c.metric()));
        csv.append(',').append(c.n()).append(',').append(c.mean());
        csv.append(',').append(c.ciLow()).append(',').append(c.ciHigh()).append('\n');
      }
    }
    return csv.toString();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }
}
