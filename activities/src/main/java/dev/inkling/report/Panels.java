package dev.inkling.report;

import java.awt.Graphics;
import java.awt.Graphics2D;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.XYStyler;

/** Charts below each other as one figure. */
final class Panels extends Chart<XYStyler, XYSeries> {
  private final List<XYChart> charts;

  /**
   * A figure.
   *
   * @param charts of the same width, from the top
   */
  Panels(List<XYChart> charts) {
    super(
        charts.getFirst().getWidth(),
        charts.stream().mapToInt(XYChart::getHeight).sum(),
        charts.getFirst().getStyler());
    this.charts = List.copyOf(charts);
  }

  @Override
  public void paint(Graphics2D graphics, int width, int height) {
    int top = 0;
    for (XYChart chart : charts) {
      Graphics part = graphics.create(0, top, chart.getWidth(), chart.getHeight());
      chart.paint((Graphics2D) part, chart.getWidth(), chart.getHeight());
      part.dispose();
      top += chart.getHeight();
    }
  }
}
