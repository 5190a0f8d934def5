package dev.inkling.report;

import dev.inkling.stage.Monitor;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.knowm.xchart.internal.chartpart.Chart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Draws all figures of a report, into files and for its page. */
final class Drawings {
  private static final Logger log = LoggerFactory.getLogger(Drawings.class);

  private final Path directory;
  private final Monitor monitor;
  private final Map<String, String> svg = new LinkedHashMap<>();

  private Drawings(Path directory, Monitor monitor) {
    this.directory = directory;
    this.monitor = monitor;
  }

  /**
   * Draws the figures; where the machine cannot draw text, the numbers are reported without them.
   *
   * @return the SVG texts, by caption
   */
  static Map<String, String> of(
      Results results, Curves curves, Optional<Words> words, Path directory, Monitor monitor)
      throws IOException {
    Drawings drawings = new Drawings(directory, monitor);
    if (drawsText()) {
      drawings.bars(results);
      drawings.heatMaps(results, words);
      drawings.training(curves);
    }
    return drawings.svg;
  }

  /** Java has no fonts of its own, and says so in several ways where the machine has none. */
  private static boolean drawsText() {
    try {
      new Font(Font.SANS_SERIF, Font.PLAIN, 12)
          .getLineMetrics("text", new FontRenderContext(null, true, true));
      return true;
    } catch (LinkageError | InternalError | RuntimeException e) {
      log.warn(
          "The figures could not be drawn ({}). Install a font (on Debian: apt-get install fontconfig fonts-dejavu-core),"
              + " remove the report with its key and run the same command again.",
          e.toString());
      return false;
    }
  }

  private void bars(Results results) throws IOException {
    for (String metric : results.plan().spec().evaluations().keySet()) {
      List<Results.Bar> bars =
          results.conditions().stream().filter(b -> b.metric().equals(metric)).toList();
      String caption =
          metric
              + ": mean over "
              + bars.getFirst().interval().n()
              + " "
              + results.unit()
              + ", with 95 % t intervals";
      draw(
          numbered("results", svg.size()),
          caption,
          Figures.bars(results.plan().spec().name(), metric, bars));
    }
  }

  private void heatMaps(Results results, Optional<Words> words) throws IOException {
    List<Targets> targets = Targets.of(results);
    for (int i = 0; i < targets.size(); i++) {
      String metrics = String.join(", ", targets.get(i).metrics());
      draw(
          numbered("targets", i),
          "Every condition under each target (" + metrics + "): means of the table below",
          targets.get(i).figure(results.plan().spec().name() + ", mean under each target"));
    }
    List<Named> named = words.map(Words::named).orElse(List.of());
    for (int i = 0; i < named.size(); i++) {
      draw(
          numbered("named", i),
          named.get(i).metric() + ": what was named, as shares of each condition's answers",
          named.get(i).figure());
    }
  }

  private void training(Curves curves) throws IOException {
    Map<String, double[]> losses = curves.of("loss");
    if (!losses.isEmpty()) {
      draw("loss", "Training loss of each fine-tuned condition", Figures.losses(losses));
    }
    Map<String, Map<String, double[]>> rates = new LinkedHashMap<>();
    rates.put("Learning rate", curves.of("lr"));
    rates.put("Gradient norm before clipping", curves.of("grad_norm"));
    rates.values().removeIf(Map::isEmpty);
    if (!rates.isEmpty()) {
      draw(
          "training",
          "Learning rate and gradient norm of each fine-tuned condition",
          Figures.panels(rates));
    }
    Map<String, Map<String, double[]>> speeds = new LinkedHashMap<>();
    speeds.put("Tokens per second", curves.of("tokens_per_second"));
    speeds.put("Peak memory so far, GiB", gibibytes(curves.of("peak_memory_bytes")));
    speeds.values().removeIf(Map::isEmpty);
    if (!speeds.isEmpty()) {
      // On the page alone, as all that tells times: the figures' files are the same in every run.
      svg.put(
          "Speed and memory of each fine-tuned condition, other ones in every run",
          Figures.svg(Figures.panels(speeds)));
    }
  }

  private static Map<String, double[]> gibibytes(Map<String, double[]> bytes) {
    Map<String, double[]> gibibytes = new LinkedHashMap<>();
    bytes.forEach(
        (name, values) ->
            gibibytes.put(name, Arrays.stream(values).map(b -> b / (1L << 30)).toArray()));
    return gibibytes;
  }

  private static String numbered(String name, int before) {
    return before == 0 ? name : name + "-" + (before + 1);
  }

  private void draw(String file, String caption, HeatMap map) throws IOException {
    if (map.readable()) {
      draw(file, caption, map.chart());
    }
  }

  private void draw(String file, String caption, Chart<?, ?> chart) throws IOException {
    monitor.progress(svg.size(), svg.size() + 1L, "figures", Optional.empty());
    svg.put(caption, Figures.write(chart, directory, file));
  }
}
