package dev.inkling.report;

import dev.inkling.evaluate.Scores;
import dev.inkling.evaluate.text.TextScores;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a condition came to under a metric.
 *
 * @param unit what the intervals are over: models, questions or seeds
 * @param values one for each unit that has one; in every condition a unit has the same name
 * @param lines everything that was measured, for the table
 * @param answers the proportion over all answers, where each is a hit or none
 */
public record Measured(
    String unit,
    Map<String, Double> values,
    List<Line> lines,
    Optional<Statistics.Interval> answers) {
  /** A measurement: what one model did at one seed, or all answers to one question. */
  public record Line(long seed, int unit, double sum, int answers, double value) {}

  public Measured {
    lines = List.copyOf(lines);
  }

  /** The values alone. */
  public double[] numbers() {
    return values.values().stream().mapToDouble(v -> v).toArray();
  }

  /** How much larger each unit's value is here than there, for the units that have one in both. */
  public double[] differences(Measured other) {
    return values.keySet().stream()
        .filter(other.values::containsKey)
        .mapToDouble(unit -> values.get(unit) - other.values.get(unit))
        .toArray();
  }

  /** Networks: every model of every seed is a unit. */
  public static Measured of(Scores scores) {
    Map<String, Double> values = new LinkedHashMap<>();
    List<Line> lines = new ArrayList<>();
    for (Scores.Score s : scores.scores()) {
      values.put(s.seed() + "/" + s.model(), s.value());
      lines.add(new Line(s.seed(), s.model(), s.hits(), scores.rows(), s.value()));
    }
    long hits = scores.scores().stream().mapToLong(Scores.Score::hits).sum();
    return new Measured(
        "models",
        values,
        lines,
        Optional.of(Statistics.wilson(hits, (long) scores.rows() * scores.scores().size())));
  }

  /**
   * A language model: the questions are the units; with several seeds the seeds are, because
   * another seed is what a result should hold for.
   *
   * @param scores by seed
   */
  public static Measured of(Map<Long, TextScores> scores) {
    Map<String, Double> questions = new LinkedHashMap<>();
    Map<String, Double> seeds = new LinkedHashMap<>();
    List<Line> lines = new ArrayList<>();
    scores.forEach(
        (seed, s) -> {
          s.mean().ifPresent(mean -> seeds.put("seed " + seed, mean));
          for (TextScores.QuestionScore q : s.questions()) {
            q.mean().ifPresent(mean -> questions.put("question " + q.number(), mean));
            lines.add(new Line(seed, q.number(), q.sum(), q.scored(), q.mean().orElse(Double.NaN)));
          }
        });
    return scores.size() > 1
        ? new Measured("seeds", seeds, lines, proportion(lines))
        : new Measured("questions", questions, lines, proportion(lines));
  }

  private static Optional<Statistics.Interval> proportion(List<Line> lines) {
    long answers = lines.stream().mapToLong(Line::answers).sum();
    double sum = lines.stream().mapToDouble(Line::sum).sum();
    boolean hits =
        lines.stream().allMatch(l -> l.sum() == Math.rint(l.sum()) && within(l.sum(), l.answers()));
    return answers > 0 && hits
        ? Optional.of(Statistics.wilson(Math.round(sum), answers))
        : Optional.empty();
  }

  private static boolean within(double sum, int answers) {
    return sum >= 0 && sum <= answers;
  }

  /** Whether all values lie where fractions do. */
  boolean fractions() {
    return IntStream.range(0, numbers().length).allMatch(i -> within(numbers()[i], 1));
  }
}
