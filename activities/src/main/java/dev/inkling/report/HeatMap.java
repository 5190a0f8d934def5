package dev.inkling.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * A figure of a table of fractions: the darker, the larger.
 *
 * @param values row by row; those that are not numbers are left white
 */
record HeatMap(String title, List<String> columns, List<String> rows, List<List<Double>> values) {
  private static final int CELL_WIDTH = 84;
  private static final int CELL_HEIGHT = 40;

  /** A letter's width beside the rows, in points. */
  private static final int LETTER = 8;

  /** More rows or columns than this are for the table. */
  private static final int MOST = 40;

  static final Color LOW = new Color(0xF3F6FB);

  /** Light enough for the numbers that stand on it. */
  static final Color HIGH = new Color(0x86A8DC);

  HeatMap {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    values = values.stream().map(List::copyOf).toList();
  }

  /** Whether the figure can be read. */
  boolean readable() {
    return !columns.isEmpty() && columns.size() <= MOST && rows.size() <= MOST;
  }

  Chart<?, ?> chart() {
    int names = rows.stream().mapToInt(String::length).max().orElse(0) * LETTER;
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(Math.max(520, names + CELL_WIDTH * columns.size() + 60))
            .height(110 + CELL_HEIGHT * rows.size())
            .title(title)
            .build();
    List<Number[]> cells = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < columns.size(); column++) {
        double value = values.get(row).get(column);
        if (!Double.isNaN(value)) {
          // Figures count from below, tables from above.
          cells.add(new Number[] {column, rows.size() - 1 - row, value});
        }
      }
    }
    chart.addSeries(title, columns, rows.reversed(), cells);
    Figures.plain(chart.getStyler());
    chart.getStyler().setPlotGridLinesVisible(false);
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setRangeColors(new Color[] {LOW, HIGH});
    chart.getStyler().setMin(0);
    chart.getStyler().setMax(Math.max(largest(), 0.01));
    chart.getStyler().setShowValue(true);
    chart.getStyler().setHeatMapValueDecimalPattern("0.00");
    chart.getStyler().setValueFontColor(Figures.INK);
    return chart;
  }

  private double largest() {
    return values.stream()
        .flatMap(List::stream)
        .mapToDouble(v -> v)
        .filter(v -> !Double.isNaN(v))
        .max()
        .orElse(1);
  }
}
