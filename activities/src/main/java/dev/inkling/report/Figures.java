package dev.inkling.report;

import java.awt.Color;
import java.awt.Font;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The figures: the conditions' means with their intervals, and the curves of training. */
final class Figures {
  static final Color INK = new Color(0x1D2433);
  private static final Color BAR = new Color(0x4C72B0);
  private static final Color LINE = new Color(0xDDE2EC);
  private static final int DOTS_PER_INCH = 150;

  /** Up to here every bar has its name below and its value above. */
  private static final int NAMED_BARS = 24;

  /** At this width a figure takes 30 MB while it is drawn; with every name at 500 bars, 600 MB. */
  private static final int WIDEST = 165 * NAMED_BARS;

  /** More names than this beside the lines would be taller than the figure. */
  private static final int NAMED_LINES = 16;

  private Figures() {}

  /** One bar for each condition, with 95 % intervals. */
  static Chart<?, ?> bars(String title, String metric, List<Results.Bar> bars) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(Math.clamp(room(bars) * bars.size(), 640, WIDEST))
            .height(420)
            .title(title)
            .yAxisTitle(metric + ", mean and 95 % interval")
            .build();
    List<String> names = new ArrayList<>();
    List<Double> means = new ArrayList<>();
    List<Double> halves = new ArrayList<>();
    for (Results.Bar bar : bars) {
      names.add(bar.name());
      // Where nothing was scored there is no bar; the table says so.
      means.add(Double.isNaN(bar.interval().mean()) ? 0 : bar.interval().mean());
      double half = bar.interval().high() - bar.interval().mean();
      halves.add(Double.isNaN(half) ? 0 : half);
    }
    chart.addSeries(metric, names, means, halves);
    plain(chart.getStyler());
    chart.getStyler().setLegendVisible(false);
    if (bars.stream().allMatch(b -> b.measured().fractions())) {
      chart.getStyler().setYAxisMin(0.0);
      chart.getStyler().setYAxisMax(1.0);
    }
    chart.getStyler().setAvailableSpaceFill(0.62);
    chart.getStyler().setLabelsVisible(bars.size() <= NAMED_BARS);
    chart.getStyler().setLabelsPosition(0.06);
    chart.getStyler().setLabelsFontColor(Color.WHITE);
    chart.getStyler().setLabelsFontColorAutomaticEnabled(true);
    chart.getStyler().setYAxisDecimalPattern("0.0##");
    chart.getStyler().setSeriesColors(new Color[] {BAR});
    chart.getStyler().setErrorBarsColor(INK);
    if (bars.size() > NAMED_BARS) {
      // In the order of the table below the figure, which has the names.
      chart.getStyler().setXAxisTicksVisible(false);
      chart.setXAxisTitle(bars.size() + " conditions, in the order of the table");
    }
    return chart;
  }

  /** A bar's width in points: names stand below without touching each other. */
  private static long room(List<Results.Bar> bars) {
    int longest = bars.stream().mapToInt(bar -> bar.name().length()).max().orElse(0);
    return Math.max(165, 8L * longest);
  }

  /** The mean training loss of each fine-tuned condition over its steps. */
  static Chart<?, ?> losses(Map<String, double[]> losses) {
    return steps("Training loss, mean over models", "loss", 360, losses);
  }

  /**
   * Small panels of other things that were measured at each step.
   *
   * @param panels by title
   */
  static Chart<?, ?> panels(Map<String, Map<String, double[]>> panels) {
    List<XYChart> charts = new ArrayList<>();
    panels.forEach((title, lines) -> charts.add(steps(title, "", 230, lines)));
    return new Panels(charts);
  }

  private static XYChart steps(String title, String axis, int height, Map<String, double[]> lines) {
    XYChart chart =
        new XYChartBuilder()
            .width(780)
            .height(height)
            .title(title)
            .xAxisTitle("step")
            .yAxisTitle(axis)
            .build();
    lines.forEach(
        (name, values) -> {
          double[] steps = new double[values.length];
          for (int i = 0; i < steps.length; i++) {
            steps[i] = i + 1;
          }
          chart.addSeries(name, steps, values).setMarker(SeriesMarkers.NONE);
        });
    plain(chart.getStyler());
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setLegendVisible(lines.size() <= NAMED_LINES);
    chart.getStyler().setYAxisLogarithmic(lines.values().stream().allMatch(Figures::positive));
    return chart;
  }

  private static boolean positive(double[] values) {
    return Arrays.stream(values).allMatch(v -> v > 0);
  }

  static void plain(AxesChartStyler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(LINE);
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setChartFontColor(INK);
    styler.setAxisTickLabelsColor(INK);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
  }

  /** Writes a figure as PNG and SVG beside each other, and gives the SVG's text. */
  static String write(Chart<?, ?> chart, Path directory, String name) throws IOException {
    Files.createDirectories(directory);
    BitmapEncoder.saveBitmapWithDPI(
        chart, directory.resolve(name).toString(), BitmapEncoder.BitmapFormat.PNG, DOTS_PER_INCH);
    String svg = svg(chart);
    Files.writeString(directory.resolve(name + ".svg"), svg);
    return svg;
  }

  /** A figure as SVG text. */
  static String svg(Chart<?, ?> chart) throws IOException {
    ByteArrayOutputStream svg = new ByteArrayOutputStream();
    VectorGraphicsEncoder.saveVectorGraphic(
        chart, svg, VectorGraphicsEncoder.VectorGraphicsFormat.SVG);
    return svg.toString(StandardCharsets.UTF_8);
  }
}
