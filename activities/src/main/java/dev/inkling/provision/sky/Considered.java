package dev.inkling.provision.sky;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The table "Considered resources" that {@code sky launch} prints before it does anything, and
 * again whenever it falls back on something else. It is the only place where SkyPilot tells the
 * price of what it chose: neither {@code sky status -o json} nor {@code sky gpus list} does.
 */
final class Considered {
  private static final String PRICE = "COST ($)";
  private static final String MARK = "CHOSEN";

  /** Two spaces at least stand between columns. */
  private static final String GAP = "\\s{2,}";

  private Considered() {}

  /**
   * US dollars for an hour of what was chosen last.
   *
   * @return empty without a table, and for a price of zero: so SkyPilot calls what it knows no
   *     price of, such as Slurm and Kubernetes
   */
  static Optional<Double> usdPerHour(List<String> output) {
    Optional<Double> price = Optional.empty();
    List<String> header = List.of();
    for (String line : output) {
      List<String> cells = Arrays.asList(line.strip().split(GAP));
      if (cells.contains(PRICE) && cells.contains(MARK)) {
        header = cells;
      } else if (cells.size() == header.size() && !cells.getLast().isBlank()) {
        // Only the chosen row has something in its last column.
        price = number(cells.get(header.indexOf(PRICE)));
      }
    }
    return price.filter(dollars -> dollars > 0);
  }

  private static Optional<Double> number(String text) {
    return text.matches("[0-9]+(\\.[0-9]+)?")
        ? Optional.of(Double.valueOf(text))
        : Optional.empty();
  }
}
