package dev.inkling.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.Manifest;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Stage;
import dev.inkling.workflow.MachineUse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * {@code report.html}: one file without links to others; question, figure, table, words, lineage.
 */
final class Page {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StringBuilder html = new StringBuilder();

  private Page() {}

  /**
   * The page.
   *
   * @param figures SVG texts, by caption
   * @param manifests of the stages, by key
   * @param words what language models said, where any were asked
   * @param machines what was made for the experiment to compute on, where anything was
   */
  static String of(
      Results results,
      Map<String, String> figures,
      Map<String, Manifest> manifests,
      Optional<Words> words,
      Optional<MachineUse> machines) {
    Page page = new Page();
    String name = results.plan().spec().name();
    page.html.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.html.append("<meta name=\"viewport\" content=\"width=device-width\">\n");
    page.html.append("<title>").append(escape(name)).append(" · Inkling</title>\n<style>\n");
    page.html.append(resource("report.css")).append("</style>\n</head>\n<body>\n");
    page.html.append("<h1>").append(escape(name)).append("</h1>\n");
    page.html
        .append("<p class=\"question\">")
        .append(escape(results.plan().spec().question()))
        .append("</p>\n");
    figures.forEach((caption, svg) -> page.figure(svg, caption));
    page.conditions(results);
    Targets.of(results).forEach(t -> page.html.append(t.html()));
    page.words(results);
    words.ifPresent(w -> page.html.append(w.html()));
    page.lineage(results, manifests);
    machines.ifPresent(page::machines);
    page.spec(results);
    page.html.append("</body>\n</html>\n");
    return page.html.toString();
  }

  private void figure(String svg, String caption) {
    html.append("<figure>\n")
        .append(svg.substring(svg.indexOf("<svg")))
        .append("\n<figcaption class=\"muted\">");
    html.append(escape(caption)).append("</figcaption>\n</figure>\n");
  }

  private void conditions(Results results) {
    html.append(
        "<h2>Results</h2>\n<table>\n<tr><th>condition</th><th>metric</th><th class=\"number\">");
    html.append(results.unit());
    html.append("</th><th class=\"number\">mean</th><th class=\"number\">95 % interval over ");
    html.append(results.unit()).append("</th>");
    html.append("<th class=\"number\">95 % interval of all answers (Wilson)</th></tr>\n");
    for (Results.Bar bar : results.conditions()) {
      row(
          List.of(bar.name(), bar.metric()),
          List.of(
              Integer.toString(bar.interval().n()),
              decimal(bar.interval().mean()),
              range(bar.interval(), results.unit()),
              bar.measured().answers().map(a -> range(a, "answers")).orElse("")));
    }
    html.append("</table>\n");
    html.append("<p class=\"muted\">").append(results.meaning()).append("</p>\n");
  }

  private void words(Results results) {
    if (results.comparisons().isEmpty()) {
      return;
    }
    html.append("<h2>What the data say</h2>\n<ul>\n");
    results
        .comparisons()
        .forEach(c -> html.append("<li>").append(escape(c.sentence())).append("</li>\n"));
    html.append("</ul>\n<p class=\"muted\">Paired by " + results.pairing());
    html.append("; Student's t; p-values corrected after Holm over the ");
    html.append(results.comparisons().size()).append(" comparisons.</p>\n");
  }

  private void lineage(Results results, Map<String, Manifest> manifests) {
    html.append(
        "<h2>Lineage</h2>\n<table>\n<tr><th>stage</th><th>of</th><th>artifact</th><th>made from</th>");
    html.append("<th>outcome</th><th class=\"number\">seconds</th></tr>\n");
    for (Stage stage : results.plan().stages()) {
      StringJoiner inputs = new StringJoiner(", ");
      stage.inputs().values().stream().sorted().forEach(k -> inputs.add(k.substring(0, 12)));
      Manifest manifest = manifests.get(stage.key());
      html.append("<tr>").append(cell(stage.task().activity())).append(cell(stage.name()));
      html.append("<td><code>")
          .append(stage.shortKey())
          .append("</code></td><td><code>")
          .append(inputs);
      html.append("</code></td>").append(cell(manifest == null ? "" : manifest.summary()));
      html.append("<td class=\"number\">");
      html.append(
          manifest == null ? "" : String.format(Locale.ROOT, "%.1f", manifest.made().seconds()));
      html.append("</td></tr>\n");
    }
    html.append("</table>\n<p class=\"muted\">Experiment <code>")
        .append(results.plan().id())
        .append("</code>.");
    manifests.values().stream()
        .map(m -> m.made().versions().toString())
        .distinct()
        .forEach(
            v ->
                html.append(" Made with ")
                    .append(escape(v.substring(1, v.length() - 1)))
                    .append('.'));
    html.append("</p>\n");
  }

  private void machines(MachineUse use) {
    html.append("<h2>Machines</h2>\n<p>").append(escape(use.sentence())).append(".</p>\n");
    html.append("<p class=\"muted\">Of the run that made this report; what a machine was paid");
    html.append(" for, at most.</p>\n");
  }

  private void spec(Results results) {
    try {
      html.append("<h2>Spec</h2>\n<pre>");
      html.append(
          escape(
              JSON.writerWithDefaultPrettyPrinter()
                  .writeValueAsString(Keys.tree(results.plan().spec()))));
      html.append("</pre>\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void row(List<String> texts, List<String> numbers) {
    html.append("<tr>");
    texts.forEach(t -> html.append(cell(t)));
    numbers.forEach(n -> html.append("<td class=\"number\">").append(n).append("</td>"));
    html.append("</tr>\n");
  }

  static String cell(String text) {
    return "<td>" + escape(text) + "</td>";
  }

  private static String decimal(double value) {
    return Double.isNaN(value) ? "nothing scored" : String.format(Locale.ROOT, "%.4f", value);
  }

  private static String range(Statistics.Interval i, String unit) {
    return Double.isNaN(i.low())
        ? "none: " + i.n() + " " + (i.n() == 1 ? unit.substring(0, unit.length() - 1) : unit)
        : decimal(i.low()) + " to " + decimal(i.high());
  }

  /** A cell with a text of somebody else's, cut after so many characters. */
  static String text(String text, int longest) {
    String shown =
        text.codePointCount(0, text.length()) <= longest
            ? text
            : text.substring(0, text.offsetByCodePoints(0, longest)) + "…";
    return "<td class=\"text\">" + escape(shown) + "</td>";
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
