package dev.inkling.starter;

import dev.inkling.tracking.Listed;
import java.util.Locale;
import java.util.OptionalDouble;

/** Numbers of results, as tables on the terminal have them. */
final class Numbers {
  private Numbers() {}

  static String plain(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.4f", value.getAsDouble()) : "–";
  }

  static String signed(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%+.4f", value.getAsDouble()) : "–";
  }

  static String interval(Listed.Line line) {
    if (line.low().isPresent()) {
      return plain(line.low()) + " to " + plain(line.high());
    }
    return line.n().isPresent() ? "none: n = " + line.n().getAsLong() : "";
  }

  static String p(double p) {
    return p < 0.001 ? "p < 0.001" : String.format(Locale.ROOT, "p = %.3f", p);
  }
}
