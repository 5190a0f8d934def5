package dev.inkling.tracking;

import dev.inkling.evaluate.Scores;
import dev.inkling.evaluate.text.TextScores;
import dev.inkling.report.Measured;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a condition's mean is over, from the scores in the tables. */
final class Units {
  private Units() {}

  /** A row of scores. */
  private record Score(
      long seed,
      int unit,
      @Nullable String question,
      int asked,
      int scored,
      double total,
      double mean) {
    static Score of(ResultSet row) throws SQLException {
      return new Score(
          row.getLong(1),
          row.getInt(2),
          row.getString(3),
          row.getInt(4),
          row.getInt(5),
          row.getDouble(6),
          Reading.number(row, 7).orElse(Double.NaN));
    }
  }

  /** A line of the results with its units. */
  static Tracked.Outcome of(Reading reading, String experiment, Listed.Line line)
      throws SQLException {
    List<Score> scores =
        reading.ask(
            "select s.seed, s.unit, s.question, s.asked, s.scored, s.total, s.mean"
                + " from evaluations v join scores s on s.artifact = v.artifact and s.seed = v.seed"
                + " where v.experiment = ? and v.condition = ? and v.metric = ?"
                + " order by v.position, s.unit",
            List.of(experiment, line.condition(), line.metric()),
            Score::of);
    if (scores.isEmpty()) {
      return new Tracked.Outcome(line, Optional.empty(), Set.of());
    }
    return scores.getFirst().question() == null ? networks(line, scores) : texts(line, scores);
  }

  private static Tracked.Outcome networks(Listed.Line line, List<Score> scores) {
    Measured measured =
        Measured.of(
            new Scores(
                scores.getFirst().scored(),
                scores.stream()
                    .map(s -> new Scores.Score(s.seed(), s.unit(), (int) s.total(), s.mean()))
                    .toList()));
    return new Tracked.Outcome(line, Optional.of(measured), measured.values().keySet());
  }

  /** The questions' texts are part of what they are: another bank numbers its own alike. */
  private static Tracked.Outcome texts(Listed.Line line, List<Score> scores) {
    Map<Long, List<TextScores.QuestionScore>> seeds = new LinkedHashMap<>();
    Set<String> units = new LinkedHashSet<>();
    for (Score s : scores) {
      String question = String.valueOf(s.question());
      seeds
          .computeIfAbsent(s.seed(), _ -> new ArrayList<>())
          .add(new TextScores.QuestionScore(s.unit(), question, s.asked(), s.scored(), s.total()));
      units.add("question " + s.unit() + " " + question);
    }
    Map<Long, TextScores> texts = new LinkedHashMap<>();
    seeds.forEach(
        (seed, questions) ->
            texts.put(seed, new TextScores(questions, Map.of(), Map.of(), Map.of(), 0)));
    if (seeds.size() > 1) {
      // The seeds are what is paired; what they were asked must be the same too.
      seeds.keySet().forEach(seed -> units.add("seed " + seed));
    }
    return new Tracked.Outcome(line, Optional.of(Measured.of(texts)), units);
  }
}
