package dev.inkling.serve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.server.TemporalPages;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** All experiments, those under way first, then the newest. */
final class ListPage {
  /** How soon a page with a running experiment is asked for again. */
  static final Duration SOON = Duration.ofSeconds(2);

  private ListPage() {}

  private record Row(
      String id, Instant when, Optional<Shelf.Entry> report, Optional<Live.Execution> execution) {
    boolean running() {
      return execution.filter(Live.Execution::running).isPresent();
    }
  }

  static String of(List<Shelf.Entry> reports, Live live) {
    Html html = new Html("Experiments", live.running() ? Optional.of(SOON) : Optional.empty());
    html.raw("<h1>Experiments</h1>\n");
    note(html, live);
    List<Row> rows = rows(reports, live);
    if (rows.isEmpty()) {
      html.raw("<p>No experiments yet. Start one with: <code>./inkling run mnist</code></p>\n");
      return html.page();
    }
    html.raw("<table>\n<tr><th>experiment</th><th>state</th><th>conditions: mean, 95 % interval");
    html.raw("</th><th>when</th></tr>\n");
    rows.forEach(row -> row(html, row));
    return html.raw("</table>\n").page();
  }

  static void note(Html html, Live live) {
    if (!live.note().isEmpty()) {
      html.raw("<p class=\"note\">").text(live.note()).raw("</p>\n");
    }
  }

  private static List<Row> rows(List<Shelf.Entry> reports, Live live) {
    List<Row> rows = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Shelf.Entry report : reports) {
      seen.add(report.id());
      Optional<Live.Execution> execution = live.of(report.id());
      Instant made = Instant.parse(report.manifest().made().at());
      Instant when =
          execution.filter(Live.Execution::running).map(Live.Execution::started).orElse(made);
      rows.add(new Row(report.id(), when, Optional.of(report), execution));
    }
    for (Live.Execution execution : live.executions()) {
      if (seen.add(execution.experiment())) {
        Live.Execution newest = live.of(execution.experiment()).orElse(execution);
        rows.add(
            new Row(newest.experiment(), newest.started(), Optional.empty(), Optional.of(newest)));
      }
    }
    rows.sort(Comparator.comparing(Row::running).thenComparing(Row::when).reversed());
    return rows;
  }

  private static void row(Html html, Row row) {
    String name = row.report().map(r -> r.manifest().name()).orElse(row.id());
    String question =
        row.report()
            .map(Shelf.Entry::question)
            .or(() -> row.execution().map(Live.Execution::question))
            .orElse("");
    html.raw("<tr><td><p>").link(address(row.id()), name).raw("</p><p class=\"muted\"><code>");
    html.text(row.id()).raw("</code></p><p>").text(question).raw("</p></td><td>");
    state(html, row.report().isPresent(), row.execution());
    html.raw("</td><td class=\"conditions\">");
    row.execution().filter(Live.Execution::running).ifPresent(e -> bar(html, e));
    if (row.report().isPresent() && !row.running()) {
      conditions(html, row.report().get());
    }
    html.raw("</td><td class=\"nowrap\">").text(when(row.when())).raw("</td></tr>\n");
  }

  /** The state of an experiment: a report stands for its completion, whatever a later run says. */
  static void state(Html html, boolean reported, Optional<Live.Execution> execution) {
    String state =
        reported && execution.filter(Live.Execution::running).isEmpty()
            ? "completed"
            : execution.map(Live.Execution::state).orElse("unknown");
    html.raw("<span class=\"state ").text(state).raw("\">").text(state).raw("</span>");
  }

  /** How far a running experiment is. */
  static void bar(Html html, Live.Execution execution) {
    if (execution.progress().isEmpty()) {
      html.raw("<p class=\"muted\">no worker says how far it is</p>");
      return;
    }
    int done = execution.finished();
    int all = execution.stages();
    html.raw("<p><progress max=\"" + Math.max(1, all) + "\" value=\"" + done + "\"></progress> ");
    html.raw(done + " of " + all + " stages</p>");
  }

  private static void conditions(Html html, Shelf.Entry report) {
    if (report.results().isMissingNode()) {
      html.raw("<p>The results cannot be read: see <code>./inkling artifacts verify</code></p>");
    }
    for (JsonNode c : report.results().path("conditions")) {
      html.raw("<p>").text(c.path("name").asText()).raw(" <b>").text(number(c.path("mean"), 3));
      html.raw("</b> <span class=\"muted nowrap\">").text(range(c, 3)).raw("</span></p>");
    }
  }

  /** A number, or a dash for none. */
  static String number(JsonNode value, int digits) {
    return value.isNumber()
        ? String.format(Locale.ROOT, "%." + digits + "f", value.asDouble())
        : "–";
  }

  /** An interval, as {@code ciLow} and {@code ciHigh} say it. */
  static String range(JsonNode of, int digits) {
    return of.path("ciLow").isNumber()
        ? number(of.path("ciLow"), digits) + " to " + number(of.path("ciHigh"), digits)
        : "no interval";
  }

  /** A time for people, UTC. */
  static String when(Instant instant) {
    return instant.toString().substring(0, 16).replace('T', ' ') + " UTC";
  }

  /** The page of an experiment. */
  static String address(String id) {
    return "/experiments/" + TemporalPages.segment(id);
  }
}
