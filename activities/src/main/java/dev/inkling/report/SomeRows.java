package dev.inkling.report;

import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.row.Row;
import dev.inkling.row.RowReader;
import dev.inkling.stage.Monitor;
import dev.inkling.tensor.Counter;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Some rows of every dataset as students see it: after its filters, at the first seed. */
record SomeRows(Map<String, List<Row>> datasets) {
  /** So many of each dataset are shown. */
  private static final int SHOWN = 5;

  /** Longer texts are cut on the page; the artifact has them whole. */
  private static final int LONGEST = 300;

  /** Reading so many takes far less than the time after which a silent activity counts as lost. */
  private static final int TELL_EVERY = 10_000;

  /** Draws them. */
  static SomeRows of(Plan plan, Shelf shelf, Monitor monitor) throws IOException {
    long seed = plan.spec().seeds().getFirst();
    Set<String> filtered =
        plan.stages().stream()
            .filter(s -> s.task() instanceof Task.FilterRows)
            .map(s -> s.input("dataset"))
            .collect(Collectors.toSet());
    Map<String, List<Row>> datasets = new LinkedHashMap<>();
    for (Stage stage : plan.stages()) {
      boolean last =
          stage.task() instanceof Task.FilterRows
              || (stage.task() instanceof Task.Sample && !filtered.contains(stage.key()));
      if (last && stage.seeds().contains(seed)) {
        Pick<Row> pick = new Pick<>(SHOWN, Counter.key(seed, "report.rows"));
        try (RowReader rows = RowReader.open(shelf.artifact(stage.key()).file(Row.FILE))) {
          for (long read = 0; rows.hasNext(); read++) {
            if (read % TELL_EVERY == 0) {
              monitor.progress(read, read, "rows", Optional.empty());
            }
            Row row = rows.next();
            pick.offer(row.index(), row);
          }
        }
        datasets.put(Costs.name(plan, stage), pick.inOrder());
      }
    }
    return new SomeRows(datasets);
  }

  String html() {
    if (datasets.isEmpty()) {
      return "";
    }
    StringBuilder html = new StringBuilder("<h2>Some rows</h2>\n<table>\n");
    html.append("<tr><th>dataset</th><th>prompt</th><th>completion</th></tr>\n");
    datasets.forEach(
        (dataset, rows) -> {
          if (rows.isEmpty()) {
            html.append("<tr>").append(Page.cell(dataset));
            html.append("<td colspan=\"2\">no row is left after its filters</td></tr>\n");
          }
          for (Row row : rows) {
            html.append("<tr>").append(Page.cell(dataset));
            html.append(Page.text(row.prompt(), LONGEST));
            html.append(Page.text(row.completion(), LONGEST)).append("</tr>\n");
          }
        });
    html.append("</table>\n<p class=\"muted\">").append(SHOWN);
    html.append(" rows of each dataset after its filters, drawn at the first seed; <code>");
    return html.append(Row.FILE).append("</code> of each artifact has all.</p>\n").toString();
  }
}
