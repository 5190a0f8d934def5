package dev.inkling.serve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.artifact.Manifest;
import dev.inkling.report.Report;
import dev.inkling.workflow.Progress;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One experiment: how far it is, or its figure, table, words and lineage. */
final class ExperimentPage {
  private final Html html;
  private final Map<String, Manifest> manifests;

  private ExperimentPage(Html html, Map<String, Manifest> manifests) {
    this.html = html;
    this.manifests = manifests;
  }

  /**
   * The page.
   *
   * @param report if the experiment has one
   * @param live what the Temporal service knows of it
   */
  static String of(
      String id, Optional<Shelf.Entry> report, Live live, Map<String, Manifest> manifests) {
    Optional<Live.Execution> execution = live.of(id);
    boolean running = execution.filter(Live.Execution::running).isPresent();
    String name = report.map(r -> r.manifest().name()).orElse(id);
    ExperimentPage page =
        new ExperimentPage(
            new Html(name, running ? Optional.of(ListPage.SOON) : Optional.empty()), manifests);
    page.head(id, name, report, execution);
    execution.filter(e -> running || report.isEmpty()).ifPresent(page::progress);
    report.ifPresent(page::report);
    return page.html.page();
  }

  private void head(
      String id, String name, Optional<Shelf.Entry> report, Optional<Live.Execution> execution) {
    String question =
        report
            .map(Shelf.Entry::question)
            .or(() -> execution.map(Live.Execution::question))
            .orElse("");
    html.raw("<h1>")
        .text(name)
        .raw("</h1>\n<p class=\"question\">")
        .text(question)
        .raw("</p>\n<p>");
    ListPage.state(html, report.isPresent(), execution);
    html.raw(" <code>").text(id).raw("</code> <span class=\"muted\">");
    Instant when =
        report
            .map(r -> Instant.parse(r.manifest().made().at()))
            .orElseGet(() -> execution.map(Live.Execution::started).orElse(Instant.EPOCH));
    html.text(ListPage.when(when)).raw("</span></p>\n<p class=\"links\">");
    report.ifPresent(r -> links(r.manifest()));
    execution.flatMap(Live.Execution::page).ifPresent(p -> html.link(p, "in the Temporal UI"));
    html.raw("</p>\n");
  }

  private void links(Manifest manifest) {
    for (String file : manifest.files().keySet()) {
      if (!file.contains("/")) {
        html.link(ArtifactPage.address(manifest.key(), file), file);
      }
    }
    html.link(ArtifactPage.address(manifest.key()), "all files");
  }

  private void progress(Live.Execution execution) {
    execution
        .failure()
        .ifPresent(f -> html.raw("<p class=\"note message\">").text(f).raw("</p>\n"));
    if (!execution.running()) {
      return;
    }
    ListPage.bar(html, execution);
    execution.progress().ifPresent(this::stages);
  }

  private void stages(Progress progress) {
    html.raw(
        "<h2>Stages</h2>\n<table>\n<tr><th>stage</th><th>of</th><th>state</th><th>artifact</th>");
    html.raw("<th>outcome</th></tr>\n");
    for (Progress.StageProgress s : progress.stages()) {
      String word = s.state().word();
      html.raw("<tr>").cell(s.activity()).cell(s.name());
      html.raw("<td><span class=\"state " + word + "\">" + word + "</span></td><td>");
      key(s.key());
      html.raw("</td>").cell(s.summary()).raw("</tr>\n");
    }
    html.raw("</table>\n");
  }

  private void report(Shelf.Entry report) {
    figures(report.manifest());
    if (report.results().isMissingNode()) {
      html.raw("<p class=\"note\">").text(Report.RESULTS);
      html.raw(" is missing or damaged. <code>./inkling artifacts verify</code> says more, and");
      html.raw(
          " running the experiment again makes it again from the stages that are there.</p>\n");
      return;
    }
    conditions(report.results());
    words(report.results());
    lineage(report.results().path("provenance"));
  }

  private void figures(Manifest manifest) {
    // The conditions' figures before that of the losses, as in the report.
    List<String> files =
        manifest.files().keySet().stream()
            .sorted(Comparator.comparing((String f) -> !f.startsWith("figures/results")))
            .toList();
    for (String file : files) {
      if (file.startsWith("figures/") && file.endsWith(".svg")) {
        String alt = "Figure " + file.substring("figures/".length(), file.length() - 4);
        html.raw("<figure>");
        html.raw("<a href=\"")
            .text(ArtifactPage.address(manifest.key(), file))
            .raw("\"><img src=\"");
        html.text(ArtifactPage.address(manifest.key(), file)).raw("\" alt=\"").text(alt);
        html.raw("\"></a></figure>\n");
      }
    }
  }

  private void conditions(JsonNode results) {
    String unit = results.path("unit").asText("models");
    html.raw("<h2>Results</h2>\n<table>\n<tr><th>condition</th><th>metric</th>");
    html.raw("<th class=\"number\">").text(unit);
    html.raw("</th><th class=\"number\">mean</th>");
    html.raw("<th class=\"number\">95 % interval over ").text(unit).raw("</th>");
    html.raw("<th class=\"number\">95 % interval of all answers (Wilson)</th></tr>\n");
    for (JsonNode c : results.path("conditions")) {
      html.raw("<tr>").cell(c.path("name").asText()).cell(c.path("metric").asText());
      for (String number :
          new String[] {
            c.path("n").asText(),
            ListPage.number(c.path("mean"), 4),
            ListPage.range(c, 4),
            ListPage.range(c.path("answers"), 4)
          }) {
        html.raw("<td class=\"number\">").text(number).raw("</td>");
      }
      html.raw("</tr>\n");
    }
    html.raw("</table>\n");
  }

  private void words(JsonNode results) {
    if (results.path("comparisons").isEmpty()) {
      return;
    }
    html.raw("<h2>What the data say</h2>\n<ul>\n");
    for (JsonNode c : results.path("comparisons")) {
      html.raw("<li>").text(c.path("sentence").asText()).raw("</li>\n");
    }
    html.raw("</ul>\n");
  }

  private void lineage(JsonNode provenance) {
    html.raw("<h2>Lineage</h2>\n<table>\n<tr><th>stage</th><th>of</th><th>artifact</th>");
    html.raw("<th>made from</th><th>outcome</th><th class=\"number\">seconds</th></tr>\n");
    for (JsonNode stage : provenance.path("stages")) {
      String key = stage.path("key").asText();
      Optional<Manifest> manifest = Optional.ofNullable(manifests.get(key));
      html.raw("<tr>").cell(stage.path("stage").asText()).cell(stage.path("name").asText());
      html.raw("<td>");
      key(key);
      html.raw("</td><td>");
      stage.path("inputs").forEach(input -> key(input.asText()));
      html.raw("</td>").cell(manifest.map(Manifest::summary).orElse("not in this store any more"));
      html.raw("<td class=\"number\">");
      manifest.ifPresent(m -> html.raw(String.format(Locale.ROOT, "%.1f", m.made().seconds())));
      html.raw("</td></tr>\n");
    }
    html.raw("</table>\n");
  }

  private void key(String key) {
    String brief = key.substring(0, Math.min(12, key.length()));
    html.raw("<code>");
    if (manifests.containsKey(key)) {
      html.link(ArtifactPage.address(key), brief);
    } else {
      html.text(brief);
    }
    html.raw("</code> ");
  }
}
