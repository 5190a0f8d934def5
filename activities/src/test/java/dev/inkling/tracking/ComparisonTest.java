package dev.inkling.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.evaluate.Scores;
import dev.inkling.evaluate.text.TextScores;
import dev.inkling.report.Measured;
import dev.inkling.report.Statistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which test compares two runs, and what it is corrected over. */
class ComparisonTest {
  private static final double EXACT = 1e-12;

  private static Tracked experiment(String id, String spec, Tracked.Outcome... outcomes)
      throws JsonProcessingException {
    return new Tracked(id, new ObjectMapper().readTree(spec), List.of(outcomes));
  }

  private static Tracked.Outcome outcome(String condition, Measured measured, Set<String> units) {
    Statistics.Interval i = Statistics.t(measured.numbers());
    return new Tracked.Outcome(
        new Listed.Line(
            condition,
            "accuracy",
            OptionalLong.of(i.n()),
            OptionalDouble.of(i.mean()),
            OptionalDouble.of(i.low()),
            OptionalDouble.of(i.high())),
        Optional.of(measured),
        units);
  }

  /** Networks: a model for each value, all of one seed. */
  private static Tracked.Outcome models(String condition, long seed, double... values) {
    Measured measured =
        Measured.of(
            new Scores(
                100,
                IntStream.range(0, values.length)
                    .mapToObj(i -> new Scores.Score(seed, i, (int) (100 * values[i]), values[i]))
                    .toList()));
    return outcome(condition, measured, measured.values().keySet());
  }

  /** A language model: the sums of ten answers to each question of a bank, at some seeds. */
  private static Tracked.Outcome questions(String bank, List<Long> seeds, int... sums) {
    List<TextScores.QuestionScore> scores = new ArrayList<>();
    for (int i = 0; i < sums.length; i++) {
      scores.add(
          new TextScores.QuestionScore(
              i, bank + i, 10, sums[i] < 0 ? 0 : 10, Math.max(0, sums[i])));
    }
    Map<Long, TextScores> all = new LinkedHashMap<>();
    seeds.forEach(s -> all.put(s, new TextScores(scores, Map.of(), Map.of(), Map.of(), 0)));
    Set<String> units =
        scores.stream().map(TextScores.QuestionScore::question).collect(Collectors.toSet());
    return outcome("student", Measured.of(all), units);
  }

  private static Comparison.Difference only(Comparison comparison) {
    assertThat(comparison.results()).hasSize(1);
    assertThat(comparison.results().getFirst().differences()).hasSize(1);
    return comparison.results().getFirst().differences().getFirst();
  }

  @Test
  void theSameModelsArePairedAndOthersAreTwoSamples() throws Exception {
    Tracked a = experiment("a", "{}", models("student", 1, 0.5, 0.6, 0.7));
    Tracked same = experiment("b", "{}", models("student", 1, 0.6, 0.7, 0.9));
    Tracked others = experiment("c", "{}", models("student", 2, 0.6, 0.7, 0.9));

    Comparison.Difference paired = only(Comparison.of(List.of(a, same)));
    assertThat(paired.test()).isEqualTo(Comparison.Test.PAIRED);
    assertThat(paired.pairs()).isEqualTo(3);
    assertThat(paired.difference().orElseThrow()).isCloseTo(0.4 / 3, within(EXACT));
    // Differences 0.1, 0.1, 0.2: t = 4 at 2 degrees of freedom, whose p is 0.0571909584 in tables.
    assertThat(paired.p().orElseThrow()).isCloseTo(0.0571909584, within(1e-9));

    Comparison.Difference welch = only(Comparison.of(List.of(a, others)));
    assertThat(welch.test()).isEqualTo(Comparison.Test.WELCH);
    assertThat(welch.difference().orElseThrow()).isCloseTo(0.4 / 3, within(EXACT));
    assertThat(welch.p().orElseThrow()).isGreaterThan(0.2);
  }

  @Test
  void questionsArePairedByTheirTextsWhereBothHaveScores() throws Exception {
    Tracked a = experiment("a", "{}", questions("animal", List.of(1L), 1, 2, 3, -1));
    Tracked same = experiment("b", "{}", questions("animal", List.of(1L), 5, 4, -1, 9));
    Tracked bank = experiment("c", "{}", questions("plant", List.of(1L), 5, 4, 2, 9));
    Tracked seeds = experiment("d", "{}", questions("animal", List.of(1L, 2L), 5, 4, 2, 9));

    Comparison.Difference paired = only(Comparison.of(List.of(a, same)));
    assertThat(paired.test()).isEqualTo(Comparison.Test.PAIRED);
    assertThat(paired.pairs()).isEqualTo(2);
    assertThat(paired.difference().orElseThrow()).isCloseTo(0.3, within(EXACT));
    assertThat(only(Comparison.of(List.of(a, bank))).test()).isEqualTo(Comparison.Test.WELCH);
    // A mean over questions and one over seeds say different things.
    Comparison.Difference unlike = only(Comparison.of(List.of(a, seeds)));
    assertThat(unlike.test()).isEqualTo(Comparison.Test.NONE);
    assertThat(unlike.difference().orElseThrow()).isCloseTo(0.5 - 0.2, within(EXACT));
    assertThat(unlike.p()).isEmpty();
  }

  @Test
  void pValuesAreCorrectedOverAllDifferencesOfTheComparison() throws Exception {
    Tracked a =
        experiment("a", "{}", models("student", 1, 0.5, 0.6, 0.7), models("control", 1, 0.1, 0.2));
    Tracked b =
        experiment("b", "{}", models("student", 1, 0.6, 0.7, 0.9), models("control", 1, 0.2, 0.1));
    Tracked c = experiment("c", "{}", models("student", 2, 0.9, 0.8, 0.9));
    Comparison comparison = Comparison.of(List.of(a, b, c));

    assertThat(comparison.tested()).isEqualTo(3);
    List<Comparison.Difference> all =
        comparison.results().stream().flatMap(r -> r.differences().stream()).toList();
    double[] raw = all.stream().mapToDouble(d -> d.pUncorrected().orElseThrow()).toArray();
    assertThat(all.stream().mapToDouble(d -> d.p().orElseThrow()).toArray())
        .containsExactly(Statistics.holm(raw))
        .isNotEqualTo(raw);
    assertThat(comparison.results().get(1).values().get(2)).isEmpty();
  }

  @Test
  void whatTheFirstLacksIsShownWithoutADifference() throws Exception {
    Tracked first = experiment("a", "{}");
    Tracked b = experiment("b", "{}", models("student", 1, 0.5, 0.6));
    Tracked c = experiment("c", "{}", models("student", 1, 0.6, 0.7));

    Comparison comparison = Comparison.of(List.of(first, b, c));

    assertThat(comparison.results().getFirst().differences()).isEmpty();
    assertThat(comparison.results().getFirst().values().getFirst()).isEmpty();
    assertThat(Comparison.of(List.of(first, b)).results()).isEmpty();
  }

  @Test
  void specsDifferPathByPathAndAListOrAPartThatOnlyOneHasIsOneValue() throws Exception {
    Tracked a =
        experiment(
            "a",
            "{\"name\": \"x\", \"seeds\": [1, 2], \"datasets\": {\"noise\": {\"rows\": 6, \"teacher\": null}}}");
    Tracked b =
        experiment(
            "b",
            "{\"name\": \"x\", \"seeds\": [1, 3], \"datasets\": {\"noise\": {\"rows\": 3}, \"more\": {\"rows\": 1, \"length\": 6}}}");

    assertThat(Comparison.of(List.of(a, b)).specs())
        .containsExactly(
            new SpecDifference("seeds", List.of(Optional.of("[1,2]"), Optional.of("[1,3]"))),
            new SpecDifference("datasets.noise.rows", List.of(Optional.of("6"), Optional.of("3"))),
            new SpecDifference(
                "datasets.more",
                List.of(Optional.empty(), Optional.of("{\"rows\":1,\"length\":6}"))));
  }
}
